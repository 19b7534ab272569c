"""Against a socket as systemd's, in a directory of the test's own."""

import os
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.base.notices import Notices, take_notices


@pytest.fixture(params=["file", "abstract"])
def listener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[socket.socket]:
    """A socket that takes datagrams, in both kinds of names that systemd uses."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        kind = f"\0faasd-test-{os.getpid()}" if request.param == "abstract" else tmp_path / "notify"
        listening.bind(str(kind))
        listening.settimeout(0)
        yield listening


def address_of(listener: socket.socket) -> str:
    name = listener.getsockname()
    return f"@{name[1:].decode()}" if isinstance(name, bytes) else str(name)


def heard(listener: socket.socket) -> list[str]:
    """Return the datagrams that have come."""
    found: list[str] = []
    while True:
        try:
            found.append(listener.recv(4096).decode())
        except BlockingIOError:
            return found


def test_systemd_hears_what_a_program_is_at(listener: socket.socket) -> None:
    notices = take_notices({"NOTIFY_SOCKET": address_of(listener)})

    notices.tell_status("serving 2 functions")
    notices.tell_ready()
    notices.tell_reloading(1.5)
    notices.tell_stopping()

    assert heard(listener) == [
        "STATUS=serving 2 functions",
        "READY=1",
        "RELOADING=1\nMONOTONIC_USEC=1500000",
        "STOPPING=1",
    ]


def test_a_status_is_told_once_until_it_changes(listener: socket.socket) -> None:
    notices = Notices(address=address_of(listener))

    for sentence in ("one", "one", "two", "one"):
        notices.tell_status(sentence)

    assert heard(listener) == ["STATUS=one", "STATUS=two", "STATUS=one"]


def test_signs_of_life_come_three_times_in_the_watchdogs_time(listener: socket.socket) -> None:
    watched = {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}
    notices = take_notices({"NOTIFY_SOCKET": address_of(listener), **watched})

    for now in (100.0, 101.0, 109.9, 110.0, 119.0, 120.0):
        notices.beat(now)

    assert heard(listener) == ["WATCHDOG=1"] * 3


def test_a_start_that_goes_on_may_last_longer(listener: socket.socket) -> None:
    Notices(address=address_of(listener)).beat(1.0, extend=60)

    assert heard(listener) == ["WATCHDOG=1\nEXTEND_TIMEOUT_USEC=60000000"]


def test_programs_that_are_started_cannot_speak_in_its_name() -> None:
    environment = {
        "NOTIFY_SOCKET": "/run/systemd/notify",
        "WATCHDOG_USEC": "1000000",
        "WATCHDOG_PID": "1",
        "PATH": "/bin",
    }

    notices = take_notices(environment)

    assert environment == {"PATH": "/bin"}
    assert notices
    assert notices.pause > 1, "the watchdog is another process's"


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "vsock:2:1234"}])
def test_without_systemd_nobody_is_told(environment: dict[str, str]) -> None:
    notices = take_notices(environment)

    notices.tell_ready()
    notices.beat(1.0)

    assert not notices


def test_a_systemd_that_is_gone_hinders_nothing(tmp_path: Path) -> None:
    notices = Notices(address=str(tmp_path / "gone"))

    notices.tell_ready()
    notices.beat(1.0)


def test_a_program_without_a_file_descriptor_left_goes_on(listener: socket.socket) -> None:
    notices = Notices(address=address_of(listener))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        notices.tell_ready()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert heard(listener) == []
