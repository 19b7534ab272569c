"""Followed logs in gunicorn itself: their threads, their callers, their end."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from provider_app.config import STREAMS
from tests.unit.provider.running import eventually
from tests.unit.provider.test_gunicorn import Served

FOLLOW = b"GET /system/logs?name=echo&follow=true HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A provider of twenty threads, with a function."""
    made = Served(tmp_path)
    try:
        made.call("POST", "/system/functions", {"service": "echo", "image": "serve"})
        assert eventually(lambda: made.call("GET", "/function/echo")[0] == 200)
        yield made
    finally:
        if made.process.poll() is None:
            made.stop()


@contextmanager
def following(served: Served) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", served.port), 5) as caller:
        caller.sendall(FOLLOW)
        yield caller


def status(caller: socket.socket) -> bytes:
    return caller.recv(4096).partition(b"\r\n")[0]


def test_the_head_of_the_answer_comes_before_any_line(served: Served) -> None:
    with following(served) as caller:
        assert status(caller) == b"HTTP/1.1 200 OK"


def test_followers_take_no_thread_from_callers_and_leave_no_place_taken(served: Served) -> None:
    with ExitStack() as leaving:
        callers = [leaving.enter_context(following(served)) for _ in range(STREAMS)]
        assert {status(caller) for caller in callers} == {b"HTTP/1.1 200 OK"}

        with following(served) as refused:
            assert b"503" in status(refused)
        assert served.call("GET", "/function/echo")[0] == 200
        assert served.call("GET", "/system/functions")[0] == 200

    def is_followed() -> bool:
        with following(served) as caller:
            return b"200" in status(caller)

    assert eventually(is_followed)


def test_the_provider_ends_within_a_second_whoever_follows(served: Served) -> None:
    with ExitStack() as leaving:
        for _ in range(8):
            assert b"200" in status(leaving.enter_context(following(served)))
        began = time.monotonic()

        served.stop()

        assert time.monotonic() - began < 3
        assert served.process.returncode == 0


def test_a_follower_is_told_that_the_function_is_no_more(served: Served) -> None:
    with following(served) as caller:
        assert b"200" in status(caller)
        served.call("DELETE", "/system/functions", {"functionName": "echo"})

        assert caller.recv(100).endswith(b"0\r\n\r\n")
