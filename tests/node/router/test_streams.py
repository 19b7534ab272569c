"""Bodies of any length and connections of any kind, unbuffered."""

import socket
import subprocess
import time

from tests.node.router.origin import BLOCK, Origin
from tests.node.router.running import RunningRouter

SIZE = 100 * 1024 * 1024
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
GROWTH_MOST_KB = 4096


def _ask(path: str, *lines: str) -> bytes:
    head = [f"GET /function/hello{path} HTTP/1.1", "Host: node", *lines]
    return ("\r\n".join(head) + "\r\n\r\n").encode()


def test_100_mb_stream_down_in_constant_memory(router: RunningRouter, hello: Origin) -> None:
    router.apply(hello.endpoint)
    router.get()
    before, received = router.memory_kb(), 0
    with router.connect() as connection:
        connection.sendall(_ask(f"/large?{SIZE}", "Connection: close"))
        while chunk := connection.recv(1 << 20):
            received += len(chunk)
    assert received > SIZE
    assert router.memory_kb() - before < GROWTH_MOST_KB


def test_100_mb_stream_up_in_constant_memory(router: RunningRouter, hello: Origin) -> None:
    router.apply(hello.endpoint)
    router.get()
    before = router.memory_kb()
    with router.connect() as connection:
        head = b"POST /function/hello HTTP/1.1\r\nHost: n\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head)
        for _ in range(SIZE // len(BLOCK)):
            connection.sendall(b"%x\r\n%s\r\n" % (len(BLOCK), BLOCK))
        connection.sendall(b"0\r\n\r\n")
        answer = _read_until(connection, b"hello %d" % SIZE)
    assert answer.startswith(b"HTTP/1.1 200")
    assert router.memory_kb() - before < GROWTH_MOST_KB


def test_events_arrive_one_by_one(router: RunningRouter, hello: Origin) -> None:
    router.apply(hello.endpoint)
    with router.connect(5) as connection:
        connection.sendall(_ask("/events"))
        assert b"data: two" not in _read_until(connection, b"data: one\n\n")
        hello.proceed.set()
        _read_until(connection, b"data: two\n\n")


def test_websocket_is_upgraded_and_echoes(router: RunningRouter, hello: Origin) -> None:
    router.apply(hello.endpoint)
    with router.connect(5) as connection:
        connection.sendall(_ask("/upgrade", *UPGRADE))
        assert _read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 101")
        for message in (b"one", b"\x00\xff" * 5000):
            connection.sendall(message)
            _read_until(connection, message)


def test_http_2_without_tls_is_spoken(router: RunningRouter, hello: Origin) -> None:
    router.apply(hello.endpoint)
    url = f"http://127.0.0.1:{router.port}/function/hello"
    command = ["curl", "-sS", "-m", "10", "--http2-prior-knowledge", "-d", "abc"]
    show = ["-w", " %{http_version} %{http_code}", url]
    done = subprocess.run([*command, *show], capture_output=True, text=True, check=True)
    assert done.stdout == "hello 3 2 200"


def test_request_in_flight_outlives_its_replicas_leaving(
    router: RunningRouter, hello: Origin, second: Origin
) -> None:
    router.apply(hello.endpoint)
    with router.connect() as connection:
        connection.sendall(_ask("/wait"))
        _wait_for_request(hello)
        router.apply(second.endpoint)
        assert router.get().body == b"second 0"
        hello.proceed.set()
        _read_until(connection, b"hello")


def _wait_for_request(origin: Origin) -> None:
    until = time.monotonic() + 5
    while not origin.requests:
        assert time.monotonic() < until
        time.sleep(0.005)


def _read_until(connection: socket.socket, end: bytes) -> bytes:
    data = b""
    while end not in data:
        chunk = connection.recv(1 << 16)
        assert chunk, data[-200:]
        data += chunk
    return data
