"""When a replica counts as ready."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

import pytest

from provider_app.domain.function import FunctionKey
from provider_app.domain.probe import Probe
from provider_app.services.readiness import HELD, MAX_PROBES, PORT, Readiness, Watched, is_ready
from tests.unit.provider.running import eventually

KEY = FunctionKey(namespace="openfaas-fn", name="echo")
LABELLED = Probe(paths=("/up",), strict=True)
ADDRESSES = (f"127.63.0.{number}" for number in range(1, 250))


class Answers(ThreadingHTTPServer):
    """Answers each path with a status; 0 says something that is no HTTP."""

    def __init__(self, address: str, statuses: dict[str, int]) -> None:
        self.statuses = statuses
        self.asked: list[str] = []
        super().__init__((address, PORT), Handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)


class Handler(BaseHTTPRequestHandler):
    server: Answers

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status = self.server.statuses.get(self.path, 404)
        if status:
            self.send_response(status)
            self.end_headers()
        else:
            self.wfile.write(b"hello, this is no HTTP\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


@contextmanager
def answering(address: str, statuses: dict[str, int]) -> Iterator[Answers]:
    """Answer on an address."""
    with Answers(address, statuses) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("statuses", "probe", "ready"),
    [
        ({"/_/ready": 200}, Probe(), True),
        ({"/_/health": 503, "/_/ready": 200}, Probe(), False),
        ({"/_/health": 200, "/_/ready": 500}, Probe(), True),
        ({"/_/health": 200}, Probe(), True),
        ({"/_/health": 503}, Probe(), False),
        ({"/_/ready": 503}, Probe(), False),
        ({}, Probe(), True),
        ({"/_/ready": 405, "/_/health": 405}, Probe(), True),
        ({"/_/ready": 0}, Probe(), True),
        ({"/_/ready": 500}, Probe(), False),
        ({"/up": 200}, LABELLED, True),
        ({"/up": 204}, LABELLED, False),
        ({"/_/ready": 200}, LABELLED, False),
        ({"/up": 0}, LABELLED, False),
    ],
)
def test_ready_is_what_the_paths_say_or_else_that_the_port_accepts(
    statuses: dict[str, int], probe: Probe, *, ready: bool
) -> None:
    address = next(ADDRESSES)
    with answering(address, statuses):
        assert is_ready(address, probe) is ready


def test_a_port_that_is_not_open_is_not_ready() -> None:
    assert not is_ready(next(ADDRESSES), Probe())


@contextmanager
def watching(timeout: float = 60.0) -> Iterator[tuple[Readiness, list[Watched], list[Watched]]]:
    ready: list[Watched] = []
    late: list[Watched] = []
    readiness = Readiness(ready.append, late.append, timeout)
    try:
        yield readiness, ready, late
    finally:
        readiness.close()


def watched(address: str, pid: int = 1, delay: float = 0.0) -> Watched:
    return Watched(
        key=KEY, container="echo.1.0", pid=pid, address=address, probe=Probe(delay=delay)
    )


def test_an_open_port_is_seen_within_milliseconds() -> None:
    address = next(ADDRESSES)
    with watching() as (readiness, ready, _late):
        readiness.watch(watched(address))
        time.sleep(0.05)
        with answering(address, {}):
            assert eventually(lambda: ready == [watched(address)], 0.5)


def test_what_does_not_answer_is_late_once_and_asked_on() -> None:
    address = next(ADDRESSES)
    with watching(timeout=0.05) as (readiness, ready, late):
        readiness.watch(watched(address))
        assert eventually(lambda: len(late) == 1)

        with answering(address, {}):
            assert eventually(lambda: len(ready) == 1)
        assert len(late) == 1


def test_a_delay_is_kept_before_the_first_question() -> None:
    address = next(ADDRESSES)
    with watching() as (readiness, ready, _late), answering(address, {}) as server:
        readiness.watch(watched(address, delay=0.2))
        assert not eventually(lambda: bool(server.asked), 0.1)
        assert eventually(lambda: len(ready) == 1)


def test_an_ended_process_is_asked_no_more_and_its_successor_is() -> None:
    address = next(ADDRESSES)
    with watching() as (readiness, ready, _late):
        readiness.watch(watched(address, pid=1))
        readiness.unwatch(KEY, "echo.1.0")
        readiness.watch(watched(address, pid=2))

        with answering(address, {}):
            assert eventually(lambda: len(ready) >= 1)
        assert [each.pid for each in ready] == [2]


def test_one_that_is_watched_again_at_once_is_asked_again() -> None:
    address = next(ADDRESSES)
    with watching() as (readiness, ready, _late):
        for _ in range(20):
            readiness.watch(watched(address))
            readiness.unwatch(KEY, "echo.1.0")
        readiness.watch(watched(address))

        with answering(address, {}):
            assert eventually(lambda: ready == [watched(address)])


def test_one_that_hangs_keeps_no_other_from_being_asked() -> None:
    with watching() as (readiness, ready, _late):
        silent = [next(ADDRESSES) for _ in range(20)]
        for number, address in enumerate(silent):
            readiness.watch(watched(address, pid=100 + number))
        address = next(ADDRESSES)
        with answering(address, {}):
            readiness.watch(watched(address))
            assert eventually(lambda: ready == [watched(address)], 0.5)


def test_any_number_that_never_answer_keep_no_other_from_being_asked() -> None:
    with watching() as (readiness, ready, _late):
        closed = next(ADDRESSES)
        for number in range(2 * MAX_PROBES):
            readiness.watch(watched(closed, pid=100 + number))
        address = next(ADDRESSES)
        with answering(address, {}):
            readiness.watch(watched(address))
            assert eventually(lambda: ready == [watched(address)], 4 * HELD)


def test_those_that_wait_for_their_delay_hold_no_thread() -> None:
    with watching() as (readiness, ready, _late):
        address = next(ADDRESSES)
        for number in range(MAX_PROBES):
            readiness.watch(watched(address, pid=100 + number, delay=600))
        with answering(address, {}):
            readiness.watch(watched(address))
            assert eventually(lambda: ready == [watched(address)], 0.5)
