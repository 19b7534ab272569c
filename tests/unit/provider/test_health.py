"""What the provider says of itself to systemd."""

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from faasd.base.notices import Notices
from provider_app.heartbeat import Heartbeat
from provider_app.services.agenda import Agenda
from provider_app.services.health import LATEST, Health
from tests.machine.processes import wait_until
from tests.unit.provider.running import RunningProvider


def test_what_is_due_and_not_taken_is_late() -> None:
    agenda = Agenda()
    began = time.monotonic()

    assert agenda.late(began + 5) == pytest.approx(5, abs=0.5)
    agenda.next()
    agenda.set_everything(began + 100)
    assert agenda.late(began + 60) == 0.0
    assert agenda.late(began + 130) == pytest.approx(30, abs=0.5)


def test_a_provider_that_works_has_no_problem_and_counts_its_functions(
    provider: RunningProvider,
) -> None:
    health = health_of(provider)

    wait_until(lambda: health.describe() == "0 functions", 5, "what it says")
    assert health.find_problem(time.monotonic()) == ""


def test_a_reconciler_that_does_not_move_is_a_problem(provider: RunningProvider) -> None:
    health = health_of(provider)

    assert health.find_problem(time.monotonic() + 30 + LATEST + 1).startswith("the reconciler")


def health_of(running: RunningProvider) -> Health:
    assert running.provider is not None
    return running.provider.health


class Api(http.server.BaseHTTPRequestHandler):
    """Answers as the provider does, until it is told to say nothing, and let go at the end."""

    is_silent = threading.Event()
    let_go = threading.Event()
    asked = 0

    def do_OPTIONS(self) -> None:
        Api.asked += 1
        if self.is_silent.is_set():
            self.let_go.wait(10)
            return
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Place:
    """A heartbeat between an API and a socket as systemd's."""

    heartbeat: Heartbeat
    listening: socket.socket

    def heard(self) -> list[str]:
        words: list[str] = []
        while True:
            try:
                words += self.listening.recv(4096).decode().splitlines()
            except BlockingIOError:
                return words

    def wait_for(self, word: str) -> None:
        wait_until(lambda: word in self.heard(), 5, f"systemd heard {word}")


@pytest.fixture
def place(tmp_path: Path, provider: RunningProvider) -> Iterator[Place]:
    Api.is_silent.clear()
    Api.let_go.clear()
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api) as server,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening,
    ):
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(0)
        notices = Notices(address=str(tmp_path / "notify"), pause=0.2)
        made = Heartbeat(notices, health_of(provider), server.server_port)
        made.start()
        yield Place(made, listening)
        made.close()
        Api.let_go.set()
        server.shutdown()
        thread.join()


def test_it_is_ready_when_its_api_answers_and_gives_signs_of_life(place: Place) -> None:
    place.wait_for("READY=1")
    place.wait_for("WATCHDOG=1")
    place.wait_for("WATCHDOG=1")


def test_an_api_that_says_nothing_is_told_and_ends_the_signs_of_life(
    place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    place.wait_for("WATCHDOG=1")
    Api.is_silent.set()
    wait_until(
        lambda: any(word.startswith("STATUS=the API does not answer") for word in place.heard()),
        5,
        "what is wrong is said",
    )
    before = Api.asked
    wait_until(lambda: Api.asked > before + 3, 5, "it is asked on")

    assert "WATCHDOG=1" not in place.heard()
    assert "most recent call first" in capfd.readouterr().err, "what each thread is at"


def test_it_ends_at_once_while_it_waits_for_an_answer(place: Place) -> None:
    place.wait_for("READY=1")
    Api.is_silent.set()
    before = Api.asked
    wait_until(lambda: Api.asked > before, 5, "it is asked")
    began = time.monotonic()

    place.heartbeat.close()

    assert time.monotonic() - began < 2
