"""What passes through Caddy: the same as without it, in its time, and whose it is."""

import http.client
import socket
import ssl
import threading
import time
from contextlib import closing

import pytest

from tests.machine.processes import wait_until
from tests.node.https.running import DOMAIN, RunningCaddy
from tests.node.router.origin import BLOCK, Origin
from tests.node.router.running import RunningRouter

SIZE = 64 << 20
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


def ask(path: str, *lines: str, method: str = "GET") -> bytes:
    head = [f"{method} /function/hello{path} HTTP/1.1", f"Host: {DOMAIN}", *lines]
    return ("\r\n".join(head) + "\r\n\r\n").encode()


def read_until(connection: socket.socket, end: bytes) -> bytes:
    data = b""
    while end not in data:
        chunk = connection.recv(1 << 16)
        assert chunk, data[-200:]
        data += chunk
    return data


def test_a_function_is_called_with_the_domains_certificate(
    caddy: RunningCaddy, hello: Origin
) -> None:
    with caddy.connect() as connection:
        names = connection.getpeercert() or {}
        connection.sendall(ask("?a=1", "X-Call-Id: mine"))
        answer = read_until(connection, b"hello 0")
    assert names["subjectAltName"] == (("DNS", DOMAIN),)
    assert b"X-Call-Id: mine" in answer
    (seen,) = hello.requests
    assert seen.line == "GET /?a=1 HTTP/1.1"
    assert seen.all("host") == [DOMAIN]


def test_another_name_gets_no_certificate(caddy: RunningCaddy, hello: Origin) -> None:
    with (
        socket.create_connection(("127.0.0.1", caddy.port), 10) as plain,
        pytest.raises(ssl.SSLError),
    ):
        caddy.trust().wrap_socket(plain, server_hostname="other.lan")
    assert hello.requests == []


def test_http_is_sent_on_to_https_and_reaches_no_function(
    caddy: RunningCaddy, hello: Origin
) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", caddy.plain_port, timeout=10)) as asking:
        asking.request("POST", "/function/hello?a=1", b"secret", {"Host": DOMAIN})
        answer = asking.getresponse()
    assert answer.status == 308
    assert (answer.headers["Location"] or "").startswith(f"https://{DOMAIN}")
    assert (answer.headers["Location"] or "").endswith("/function/hello?a=1")
    assert hello.requests == []


def test_events_pass_one_by_one(caddy: RunningCaddy, hello: Origin) -> None:
    with caddy.connect(5) as connection:
        connection.sendall(ask("/events"))
        assert b"data: two" not in read_until(connection, b"data: one\n\n")
        hello.proceed.set()
        read_until(connection, b"data: two\n\n")


def test_a_websocket_is_upgraded_and_echoes(caddy: RunningCaddy, hello: Origin) -> None:
    with caddy.connect(5) as connection:
        connection.sendall(ask("/upgrade", *UPGRADE))
        assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 101")
        for message in (b"one", b"\x00\xff" * 5000):
            connection.sendall(message)
            read_until(connection, message)
    assert hello.requests[0].all("upgrade") == ["websocket"]


def test_large_bodies_pass_both_ways(caddy: RunningCaddy, hello: Origin) -> None:
    with caddy.connect() as connection:
        connection.sendall(ask("", f"Content-Length: {SIZE}", method="POST"))
        for _ in range(SIZE // len(BLOCK)):
            connection.sendall(BLOCK)
        read_until(connection, b"hello %d" % SIZE)
    received = 0
    with caddy.connect() as connection:
        connection.sendall(ask(f"/large?{SIZE}", "Connection: close"))
        while chunk := connection.recv(1 << 20):
            received += len(chunk)
    assert received > SIZE
    assert len(hello.requests) == 2


def test_the_callers_address_is_told_and_what_callers_claim_is_not(
    caddy: RunningCaddy, router: RunningRouter, hello: Origin
) -> None:
    with caddy.connect() as connection:
        lines = ("X-Forwarded-For: 192.0.2.66", "X-Forwarded-Proto: http")
        connection.sendall(ask("", *lines))
        read_until(connection, b"hello 0")
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: %s\r\n\r\n" % DOMAIN.encode())
        read_until(connection, b"gateway 0")
    told = ", ".join(hello.requests[0].all("x-forwarded-for"))
    assert told.split(", ")[0] == "127.0.0.1"
    assert "192.0.2.66" not in told
    assert hello.requests[0].all("x-forwarded-proto") == ["https"]
    # The gateway counts wrong logins by the last address, here the caller's own.
    assert router.gateway.requests[0].all("x-forwarded-for") == ["127.0.0.1"]


def test_without_the_router_the_answer_says_so(
    caddy: RunningCaddy, router: RunningRouter, hello: Origin
) -> None:
    router.stop()
    began = time.monotonic()
    with caddy.connect() as connection:
        connection.sendall(ask("", "Connection: close"))
        answer = read_until(connection, b"try again in a few seconds\n")
    assert answer.startswith(b"HTTP/1.1 502")
    assert b"Retry-After: 5" in answer
    assert time.monotonic() - began < 10
    assert hello.requests == []


def test_a_call_without_a_body_waits_for_a_router_that_starts_anew(
    caddy: RunningCaddy, router: RunningRouter, hello: Origin
) -> None:
    router.stop()
    answers: list[bytes] = []

    def call() -> None:
        with caddy.connect() as connection:
            connection.sendall(ask(""))
            answers.append(read_until(connection, b"\r\n\r\n"))

    calling = threading.Thread(target=call)
    calling.start()
    try:
        router.start()
        router.apply(hello.endpoint)
    finally:
        calling.join(20)
    assert answers[0].startswith(b"HTTP/1.1 200")


def test_idle_connections_are_closed_before_the_router_does(
    caddy: RunningCaddy, router: RunningRouter, hello: Origin
) -> None:
    config = (caddy.directory / "Caddyfile").read_text()
    keep = float(config.partition("keepalive ")[2].partition("s\n")[0])
    assert keep < router.settings.limits.keep_alive_seconds
    with caddy.connect() as connection:
        for _ in range(3):
            connection.sendall(ask(""))
            read_until(connection, b"hello 0")
    wait_until(lambda: len(hello.requests) == 3, 5, "all three came")
