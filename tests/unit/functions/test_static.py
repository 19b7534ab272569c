"""The static server of benchmarks and fault tests, compiled here."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.functions.test_echo import FUNCTIONS, _ask, _free_port, _wait_for

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n"
Start = Callable[..., tuple[subprocess.Popen[bytes], int]]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("static")
    subprocess.run([FUNCTIONS / "static" / "stage", root], check=True, timeout=60)
    return root / "server"


@pytest.fixture
def start(program: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def run(**env: str) -> tuple[subprocess.Popen[bytes], int]:
        port = _free_port()
        started.append(subprocess.Popen([program, str(port)], env=env))
        _wait_for(port)
        return started[-1], port

    yield run
    for server in started:
        server.kill()
        server.wait(10)


def test_pipelined_requests_are_answered_in_order_with_bodies_skipped(start: Start) -> None:
    _, port = start()
    request = b"POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\n\x00GET" + b"GET / HTTP/1.1\r\n\r\n"
    wanted = OK * 2000
    with socket.create_connection(("127.0.0.1", port), timeout=20) as caller:
        caller.sendall(request * 1000)
        got = b""
        while len(got) < len(wanted) and (more := caller.recv(65536)):
            got += more
    assert got == wanted


def test_a_sleeping_request_delays_no_other(start: Start) -> None:
    _, port = start()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sleeper:
        began = time.monotonic()
        sleeper.sendall(b"GET /sleep?ms=400 HTTP/1.1\r\n\r\n")
        assert _ask(port, "GET", "/") == (200, b"ok\n")
        assert time.monotonic() - began < 0.4
        assert sleeper.recv(1000) == OK
        assert time.monotonic() - began >= 0.4


def test_exit_ends_the_process_with_the_code_asked_for(start: Start) -> None:
    server, port = start()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as caller:
        caller.sendall(b"GET /exit?code=7 HTTP/1.1\r\n\r\n")
        assert caller.recv(1000) == b""
    assert server.wait(10) == 7


def test_sigterm_ends_it_at_once(start: Start) -> None:
    server, _ = start()
    server.terminate()
    assert server.wait(10) == 0


def test_alloc_takes_the_memory_for_real(start: Start) -> None:
    server, port = start()
    assert _ask(port, "GET", "/alloc?bytes=30000000") == (200, b"ok\n")
    status = Path(f"/proc/{server.pid}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    assert int(resident.split()[1]) > 29_000


def test_it_listens_only_after_the_start_delay(start: Start) -> None:
    began = time.monotonic()
    start(START_DELAY_MS="300")
    assert time.monotonic() - began >= 0.3


def test_a_head_larger_than_the_buffer_is_refused(start: Start) -> None:
    _, port = start()
    status, _ = _ask(port, "GET", "/" + "a" * 20_000)
    assert status == 431
