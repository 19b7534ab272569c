"""The echo function's program, run by its own busybox on a loopback port."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[3] / "distro" / "functions"
MOST_BODY = 1048576


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise AssertionError(f"nothing listens on {port}")


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    root = tmp_path_factory.mktemp("echo")
    subprocess.run([FUNCTIONS / "echo" / "stage", root], check=True, timeout=30)
    port = _free_port()
    bin_dir = root / "bin"
    command = [bin_dir / "nc", "-l" + "l" * 32, "-p", str(port), "-e", bin_dir / "sh"]
    server = subprocess.Popen(
        [*map(str, command), str(bin_dir / "handler")],
        env={"PATH": str(bin_dir), "FN_GREETING": "hi there", "fprocess": "x", "PASSWORD": "hush"},
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield port
    finally:
        server.kill()
        server.wait(10)


def _ask(
    port: int, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_echo_tells_method_path_query_headers_and_body(echo: int) -> None:
    status, body = _ask(echo, "PUT", "/a/b?x=1&y=%20", b"some\nbytes\x00", Colour="red")
    assert status == 200
    head, _, rest = body.partition(b"\n\n")
    lines = head.decode().splitlines()
    assert lines[:3] == ["method: PUT", "path: /a/b", "query: x=1&y=%20"]
    assert "header: Colour: red" in lines
    assert "body: 11 bytes" in lines
    assert rest == b"some\nbytes\x00"


def test_echo_shows_only_the_environment_that_is_meant_for_it(echo: int) -> None:
    _, body = _ask(echo, "GET", "/")
    assert b"env: FN_GREETING=hi there" in body
    assert b"env: fprocess=x" in body
    assert b"hush" not in body


def test_echo_is_healthy(echo: int) -> None:
    assert _ask(echo, "GET", "/_/health") == (200, b"ok\n")


def test_head_has_a_length_and_no_body(echo: int) -> None:
    assert _ask(echo, "HEAD", "/") == (200, b"")


def test_a_body_of_the_largest_size_comes_back_whole(echo: int) -> None:
    sent = os.urandom(MOST_BODY)
    status, body = _ask(echo, "POST", "/", sent)
    assert status == 200
    assert body.endswith(sent)


def test_a_body_too_large_is_refused_with_413(echo: int) -> None:
    status, body = _ask(echo, "POST", "/", bytes(MOST_BODY + 1))
    assert status == 413
    assert b"1048576 bytes" in body


def test_a_chunked_body_comes_back_whole(echo: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", echo, timeout=20)
    connection.request("POST", "/", iter([b"one", b"\x00two" * 1000]), encode_chunked=True)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200
    assert body.endswith(b"one" + b"\x00two" * 1000)


@pytest.mark.parametrize("length", ["abc", "-1", "1e3"])
def test_a_length_that_is_no_number_is_a_bad_request(echo: int, length: str) -> None:
    status, _ = _ask(echo, "POST", "/", None, **{"Content-Length": length})
    assert status == 400


def test_forty_calls_at_once_are_each_answered_with_their_own_body(echo: int) -> None:
    bodies = [f"body {number}".encode() for number in range(40)]
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda body: _ask(echo, "POST", "/", body), bodies))
    assert [answer.rpartition(b"\n")[2] for _, answer in answers] == bodies


def test_the_image_is_the_same_bytes_each_time_and_small(tmp_path: Path) -> None:
    for name in ("one.tar", "two.tar"):
        subprocess.run(
            [FUNCTIONS / "build.sh", "echo", tmp_path / name],
            check=True,
            timeout=60,
            stdout=subprocess.DEVNULL,
        )
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    assert (tmp_path / "one.tar").stat().st_size < 2_000_000
