"""What systemd hears of `faasd up`, from a socket as systemd's."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.base.notices import Notices
from faasd.supervisor.board import Notice, write_board
from faasd.supervisor.keeper import Phase
from faasd.supervisor.telling import Telling, describe


class Heard:
    """A life of `faasd up` from turn to turn, and what was heard of it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.listening.bind(str(place / "notify"))
        self.listening.settimeout(0)
        self._telling = Telling(Notices(address=str(place / "notify"), pause=20.0), place)

    def tell(self, phase: Phase, now: float) -> list[str]:
        self._telling.tell(phase, now)
        words: list[str] = []
        while True:
            try:
                words += self.listening.recv(4096).decode().splitlines()
            except BlockingIOError:
                return [word for word in words if not word.startswith("MONOTONIC")]


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Heard]:
    made = Heard(tmp_path)
    yield made
    made.listening.close()


def service(name: str, state: str = "running", health: str = "healthy") -> Notice:
    return Notice(name=name, image="x", state=state, health=health, restarts=0, pid=0)


def test_it_is_ready_once_every_core_service_runs_healthy_or_not(heard: Heard) -> None:
    assert "READY=1" not in heard.tell(Phase.STARTING, 1.0)
    write_board(heard.place, [service("nats"), service("router", "none", "starting")])
    assert "READY=1" not in heard.tell(Phase.STARTING, 3.0)
    write_board(heard.place, [service("nats"), service("router", health="starting")])

    assert heard.tell(Phase.STARTING, 5.0) == [
        "READY=1",
        "STATUS=starting; 2 of 2 core services run; not healthy yet: router",
    ]


def test_a_start_that_takes_its_time_is_not_cut_off(heard: Heard) -> None:
    heard.tell(Phase.STARTING, 1.0)

    assert "EXTEND_TIMEOUT_USEC=60000000" in heard.tell(Phase.STARTING, 30.0)


def test_it_is_ready_with_no_service_at_all(heard: Heard) -> None:
    heard.tell(Phase.STARTING, 1.0)

    assert "READY=1" in heard.tell(Phase.RESTING, 1.1)


def test_signs_of_life_come_as_long_as_it_takes_its_turns(heard: Heard) -> None:
    write_board(heard.place, [service("nats")])
    heard.tell(Phase.RESTING, 1.0)

    said = [word for turn in range(60) for word in heard.tell(Phase.RESTING, 2.0 + turn)]

    assert said == ["WATCHDOG=1"] * 3


def test_a_reload_is_told_from_its_beginning_to_its_end(heard: Heard) -> None:
    write_board(heard.place, [service("nats")])
    heard.tell(Phase.RESTING, 1.0)

    begun = heard.tell(Phase.RELOADING, 2.0)
    ended = heard.tell(Phase.RESTING, 3.0)

    assert begun == ["STATUS=reloading; 1 of 1 core services run", "RELOADING=1"]
    assert ended == ["STATUS=1 of 1 core services run", "READY=1"]


@pytest.mark.parametrize("before", [Phase.STARTING, Phase.RESTING, Phase.RELOADING])
def test_its_end_is_told(heard: Heard, before: Phase) -> None:
    heard.tell(before, 1.0)

    assert heard.tell(Phase.ENDING, 2.0) == ["STATUS=ending", "STOPPING=1"]


def test_the_sentence_names_what_is_down_and_what_is_ill() -> None:
    services = [service("a"), service("b", "stopped", "starting"), service("c", health="unhealthy")]

    assert describe(Phase.WORKING, services) == (
        "working; 2 of 3 core services run; down: b; not healthy yet: c"
    )
    assert describe(Phase.WAITING, [service("a")]) == (
        "1 of 1 core services run; looking after them failed, see the log; trying again"
    )


def test_without_systemd_nothing_is_looked_at(tmp_path: Path) -> None:
    telling = Telling(Notices(), tmp_path / "not there")

    telling.tell(Phase.RESTING, 1.0)
