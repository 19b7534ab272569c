"""A node that boots again is the node it was, without help."""

import time

from tests.vm.installed import Installed
from tests.vm.machine import Machine, wait_slowly
from tests.vm.node import FirstAnswers, is_whole, wait_answers
from tests.vm.times import Times

UP = 120.0
"""Seconds from power on to a function's answer, on an unloaded machine."""

SECRETS = "cd /var/lib && sha256sum faasd/secrets/* $(find faasd-provider/secrets -type f)"
ECHO = "localhost/echo:latest"


def test_a_reboot_keeps_functions_and_secrets_and_the_first_answer_is_200(
    machine: Machine, installed: Installed, times: Times
) -> None:
    client = machine.front(installed.password)
    machine.start()
    times.note("power on to a function's answer (later boot)", wait_answers(machine, "echo", UP))
    # Functions answer before the API is there.
    took = wait_slowly(lambda: is_whole(machine, installed.password), UP, machine.tail)
    times.note("  from then to a whole node", took)
    made = client.call("POST", "/system/secrets", {"name": "word", "value": "of three"})
    assert made.status in (200, 201, 202), made.text
    assert client.deploy("asleep", ECHO, secrets=["word"]).status in (200, 202)
    wait_answers(machine, "asleep", 60)
    assert client.scale("asleep", 0).status in (200, 202)
    before = machine.do(SECRETS)

    said, began = len(machine.console), time.monotonic()
    machine.run("systemctl reboot")
    machine.wait_said(("Linux version",), UP, start=said)
    seen = FirstAnswers.wait(machine, "echo", UP)

    times.note("reboot to a function's answer", time.monotonic() - began)
    assert set(seen.statuses) == {200}, seen
    assert machine.do(SECRETS) == before
    wait_slowly(lambda: is_whole(machine, installed.password), UP, machine.tail)
    assert client.names() == {"echo", "asleep"}
    assert client.replicas("asleep") == 0
    times.note(
        "wake of a function that was asleep over the reboot", wait_answers(machine, "asleep", 60)
    )
