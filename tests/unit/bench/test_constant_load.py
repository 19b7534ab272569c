"""A constant load is constant, and counts what callers would have met."""

import http.server
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.constant_load import constant_load, failed
from tests.machine.processes import no_thread_left

SECONDS = 1.0
RATE = 100


class Server(http.server.ThreadingHTTPServer):
    """Answers 200, until it is told otherwise."""

    block_on_close = True
    daemon_threads = False
    status = 200
    stalled_until = 0.0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        time.sleep(max(self.server.stalled_until - time.monotonic(), 0))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Server]:
    with no_thread_left(), Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="serving")
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as made:
        yield made


def test_calls_are_due_at_the_rate_and_none_is_left_out(server: Server) -> None:
    with constant_load(server.server_port, "/", RATE) as calls:
        time.sleep(SECONDS)

    due = sorted(call.due for call in calls.seen)
    assert len(due) >= RATE * SECONDS * 0.8
    pauses = [later - earlier for earlier, later in itertools.pairwise(due)]
    assert sum(abs(pause - 1 / RATE) < 0.001 for pause in pauses) >= len(pauses) - 8
    assert failed(calls.seen) == []


def test_an_answer_that_is_not_200_is_a_failure_with_its_status(server: Server) -> None:
    server.status = 503
    with constant_load(server.server_port, "/", RATE) as calls:
        time.sleep(0.2)

    assert set(failed(calls.seen)) == {"503"}


def test_a_connection_that_nobody_takes_is_a_failure() -> None:
    with serving() as server:
        port = server.server_port
    with constant_load(port, "/", RATE) as calls:
        time.sleep(0.2)

    assert len(failed(calls.seen)) == len(calls.seen) > 0


def test_a_stall_is_counted_by_every_call_that_was_due_in_it(server: Server) -> None:
    with constant_load(server.server_port, "/", RATE) as calls:
        time.sleep(0.2)
        server.stalled_until = time.monotonic() + 0.5
        time.sleep(0.7)

    slow = [call for call in calls.seen if call.taken > 100]
    assert len(slow) >= 0.4 * RATE * 0.8
