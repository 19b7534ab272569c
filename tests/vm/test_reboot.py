"""A node that boots again is the node it was, without help."""

import time

from tests.e2e.client import Client
from tests.vm.cuts import accept
from tests.vm.installed import Installed
from tests.vm.machine import Machine, wait_slowly
from tests.vm.node import FirstAnswers, is_whole, wait_answers
from tests.vm.times import Times

UP = 120.0
"""Seconds from power on to a function's answer, on an unloaded machine."""

SECRETS = "cd /var/lib && sha256sum faasd/secrets/* $(find faasd-provider/secrets -type f)"
ECHO = "localhost/echo:latest"
ASLEEP = ("stopped", "paused")


def test_a_reboot_keeps_functions_and_secrets_and_the_first_answer_is_200(
    resumed: Machine, installed: Installed, times: Times
) -> None:
    machine, client = resumed, resumed.front(installed.password)
    made = client.call("POST", "/system/secrets", {"name": "word", "value": "of three"})
    assert made.status in (200, 201, 202), made.text
    for name in ASLEEP:
        fall_asleep(machine, client, name)
    before = machine.do(SECRETS)

    said, began = len(machine.console), time.monotonic()
    machine.run("systemctl reboot")
    machine.wait_said(("Linux version",), UP, start=said)
    times.note("reboot asked for to the kernel's start", time.monotonic() - began)
    seen = FirstAnswers.wait(machine, "echo", UP)

    times.note("reboot to a function's answer, the first one 200", time.monotonic() - began)
    assert set(seen.statuses) == {200}, seen
    assert machine.do(SECRETS) == before
    # Functions answer before the API is there.
    took = wait_slowly(lambda: is_whole(machine, installed.password), UP, machine.tail)
    times.note("  from then to a whole node", took)
    assert client.names() == {"echo", *ASLEEP}
    for name in ASLEEP:
        assert client.replicas(name) == 0
        took = wait_answers(machine, name, 60)
        times.note(f"wake of a function that was {name} over the reboot", took)


def fall_asleep(machine: Machine, client: Client, depth: str) -> None:
    """Make a function that sleeps that deep, and is called so."""
    more = {"secrets": ["word"], "labels": {"faasd.sleep.depth": depth}}
    accept(lambda: client.deploy(depth, ECHO, **more))
    wait_answers(machine, depth, 60)
    assert client.scale(depth, 0).status in (200, 202)
    wait_slowly(lambda: client.replicas(depth) == 0, 60, machine.tail)
