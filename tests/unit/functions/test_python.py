"""The Python function, run by the interpreter of its own image on a loopback port."""

import http.client
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.functions.test_echo import FUNCTIONS, _ask, _free_port, _wait_for


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    root = tmp_path_factory.mktemp("python")
    subprocess.run([FUNCTIONS / "python" / "stage", root], check=True, timeout=60)
    port = _free_port()
    program: list[str | Path] = [root / "usr/bin/python3", "-ES", root / "function/server.py"]
    server = subprocess.Popen(
        [*program, str(port)], env={"PYTHONHOME": "/nonexistent"}, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        assert server.wait(10) == 0


def test_the_handler_answers_what_it_was_sent(python: int) -> None:
    assert _ask(python, "GET", "/") == (200, b"ok\n")
    assert _ask(python, "POST", "/", b"some\nbytes\x00") == (200, b"some\nbytes\x00")
    assert _ask(python, "HEAD", "/") == (200, b"")
    assert _ask(python, "GET", "/_/health") == (200, b"ok\n")


def test_requests_of_one_connection_are_answered_in_order(python: int) -> None:
    with socket.create_connection(("127.0.0.1", python), timeout=10) as connection:
        one = b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n"
        connection.sendall(one + b"a" + one + b"b" + b"GET / HTTP/1.0\r\n\r\n")
        answers = connection.makefile("rb").read()

    assert [part.split(b"\r\n\r\n")[1] for part in answers.split(b"HTTP/1.1 200 OK")[1:]] == [
        b"a",
        b"b",
        b"ok\n",
    ]


def test_work_is_reckoned_by_every_call_anew(python: int) -> None:
    assert _ask(python, "GET", "/work?rounds=1") == (200, b"1103527590\n")
    assert _ask(python, "GET", "/work?rounds=1000") != _ask(python, "GET", "/work?rounds=1001")


def test_a_handler_that_fails_ends_no_connection(python: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", python, timeout=20)
    try:
        statuses = []
        for path in ("/work?rounds=many", "/"):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
    finally:
        connection.close()

    assert statuses == [500, 200]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nContent-Length: 999999999999999\r\n\r\n", b"413"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * (64 << 10), b"431"),
    ],
)
def test_what_is_no_request_is_refused_in_a_word(
    python: int, request_: bytes, status: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", python), timeout=10) as connection:
        connection.sendall(request_)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").read()

    assert answer.split(b" ")[1] == status
    assert b"Connection: close" in answer
