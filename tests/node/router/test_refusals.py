"""What is malformed, slow or too much is refused, and never reaches a function."""

import time

import pytest

from faasd.router.settings import Limits
from tests.node.router.origin import Origin
from tests.node.router.running import RunningRouter, read_all

POST = b"POST /function/hello HTTP/1.1\r\nHost: node\r\n"
GET = b"GET /function/hello HTTP/1.1\r\n"
TWO_LENGTHS = b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"
SMUGGLED = b"GET /function/hello/smuggled HTTP/1.1\r\nHost: node\r\n\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(POST + TWO_LENGTHS, id="two lengths"),
        pytest.param(POST + b"Content-Length: 3, 4\r\n\r\nabcd", id="a list of lengths"),
        pytest.param(POST + b"Content-Length: -3\r\n\r\nabc", id="a negative length"),
        pytest.param(POST + b"Content-Length: 0x3\r\n\r\nabc", id="a hexadecimal length"),
        pytest.param(POST + b"Content-Length : 3\r\n\r\nabc", id="a space before the colon"),
        pytest.param(POST + b"Transfer-Encoding: gzip\r\n\r\n" + SMUGGLED, id="no chunks last"),
        pytest.param(POST + b"Transfer-Encoding: xchunked\r\n\r\n" + SMUGGLED, id="xchunked"),
        pytest.param(POST + b"Host: other\r\n\r\n", id="two hosts"),
        pytest.param(GET + b"\r\n", id="no host"),
        pytest.param(GET + b"Host: a b\r\n\r\n", id="a space in the host"),
        pytest.param(GET + b"Host: a/../b\r\n\r\n", id="a path as host"),
        pytest.param(GET + b"Host: a@b\r\n\r\n", id="a user in the host"),
        pytest.param(b"GET /function/hello\x00 HTTP/1.1\r\nHost: a\r\n\r\n", id="a zero byte"),
        pytest.param(GET + b"Host: a\r\n X: y\r\n\r\n", id="a folded line"),
        pytest.param(b"G@T /function/hello HTTP/1.1\r\nHost: a\r\n\r\n", id="no method"),
        pytest.param(POST + b"X: " + b"y" * 15500 + b"\r\n\r\n", id="a long header"),
        pytest.param(POST + b"X: y\r\n" * 200 + b"\r\n", id="many headers"),
    ],
)
def test_malformed_request_is_refused(
    router: RunningRouter, hello: Origin, request_bytes: bytes
) -> None:
    router.apply(hello.endpoint)
    answer = router.raw(request_bytes)
    assert answer.startswith(b"HTTP/1.1 400"), answer
    assert hello.requests == []


@pytest.mark.parametrize(
    "path",
    [
        "/function/..",
        "/function/../system/functions",
        "/function/%2e%2e/system",
        "/function/hello/../../system/functions",
        "/function/hello/%2E./x",
        "/function/hello/..%2fx",
        "/function/hello%2f..%2fx",
        "/system/../function/hello",
        "/function/..\\x",
    ],
)
def test_path_that_climbs_is_refused(router: RunningRouter, hello: Origin, path: str) -> None:
    router.apply(hello.endpoint)
    assert router.raw(f"GET {path} HTTP/1.0\r\n\r\n".encode()).startswith(b"HTTP/1.1 400")
    assert hello.requests == router.gateway.requests == []


def test_encoded_slash_in_a_name_names_nothing(router: RunningRouter, hello: Origin) -> None:
    router.apply(hello.endpoint)
    assert router.get("/function/hello%2fx").status == 404
    assert router.get("/function/hello%00").status == 404
    assert hello.requests == []


def test_length_beside_chunks_does_not_smuggle_a_request(
    router: RunningRouter, hello: Origin
) -> None:
    router.apply(hello.endpoint)
    body = b"0\r\n\r\n" + SMUGGLED
    head = POST + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n" % len(body)
    answer = router.raw(head + body)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert not [r for r in hello.requests if "smuggled" in r.line or r.all("content-length")]


def test_chunks_beside_a_short_length_do_not_smuggle_a_request(
    router: RunningRouter, hello: Origin
) -> None:
    router.apply(hello.endpoint)
    chunk = b"%x\r\n%s\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
    answer = router.raw(POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert not [request for request in hello.requests if "smuggled" in request.line]


def test_malformed_chunk_ends_the_request(router: RunningRouter, hello: Origin) -> None:
    router.apply(hello.endpoint)
    answer = router.raw(POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\nzz\r\n" + SMUGGLED)
    assert answer.startswith(b"HTTP/1.1 400"), answer
    assert not [request for request in hello.requests if "smuggled" in request.line]


def test_header_that_drips_is_cut_off_and_others_are_served(hello: Origin) -> None:
    router = RunningRouter(limits=Limits(header_seconds=1))
    try:
        router.apply(hello.endpoint)
        drips = [router.connect() for _ in range(50)]
        for drip in drips:
            drip.sendall(POST)
        assert router.get().status == 200
        began = time.monotonic()
        answers = [read_all(drip) for drip in drips]
        assert time.monotonic() - began < 3
        for drip in drips:
            drip.close()
    finally:
        router.close()
    assert {answer[:12] for answer in answers} == {b"HTTP/1.1 408"}
