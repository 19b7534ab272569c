"""The gateway as a program."""

import socket
import time
from collections.abc import Iterator

import pytest

from tests.machine.processes import wait_until
from tests.node.router.running import say
from tests.unit.gateway.program import Program, program
from tests.unit.gateway.twins import ScriptedProvider

IDLE_KB = 45_000


@pytest.fixture
def running(provider: ScriptedProvider) -> Iterator[Program]:
    with program(provider.url) as made:
        made.start()
        yield made


def test_it_serves_without_router_and_queue_and_ends_when_told(running: Program) -> None:
    for port in (running.control_port, running.activator_port):
        with socket.create_connection(("127.0.0.1", port), 5):
            pass
    began = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - began < 5
    assert "Traceback" not in running.log


def test_it_is_small(running: Program) -> None:
    wait_until(lambda: "calls are not counted" in running.log, 10, "a look at the router")
    running.get_text("/metrics")
    say(f"idle: {running.status('VmRSS')} kB")
    assert running.status("VmRSS") < IDLE_KB


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("control_port", "0", "gateway: setting control_port is '0'"),
        ("secret_mount_path", "/nowhere", "gateway: cannot read /nowhere/basic-auth-user"),
        ("router_dir", "/nowhere", "gateway: cannot listen at /nowhere/failures.sock"),
        ("bind_host", "192.0.2.1", "192.0.2.1"),
    ],
)
def test_what_keeps_it_from_starting_is_told_in_one_line(
    setting: str, value: str, sentence: str
) -> None:
    with program("http://127.0.0.1:9") as made:
        made.spawn(**{setting: value})
        assert made.process.wait(20) == 1
        assert sentence in made.log.splitlines()[-1]
        assert "Traceback" not in made.log


def test_a_password_is_never_written(running: Program) -> None:
    running.stop()
    assert "secret" not in running.log
