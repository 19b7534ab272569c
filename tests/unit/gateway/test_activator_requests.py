"""What the activator takes for a request, and what it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import FaasdError, InvalidInput, Overloaded, TimedOut
from faasd.gateway.activator_answer import render_answer
from faasd.gateway.activator_head import parse_head
from tests.unit.gateway.activat_provider import entry, ready
from tests.unit.gateway.activat_stand import FIRST, KEY, parse, run, standing

NAME = b"x-faasd-function: echo.openfaas-fn"
REFUSED = {
    "no request line": b"\r\n" + NAME,
    "no version": b"GET /\r\n" + NAME,
    "HTTP/2": b"GET / HTTP/2.0\r\n" + NAME,
    "a space in the target": b"GET /a b HTTP/1.1\r\n" + NAME,
    "a control character in the target": b"GET /\x00 HTTP/1.1\r\n" + NAME,
    "a space before a colon": b"GET / HTTP/1.1\r\nhost : a\r\n" + NAME,
    "a folded header": b"GET / HTTP/1.1\r\nhost: a\r\n b\r\n" + NAME,
    "a bare line feed": b"GET / HTTP/1.1\nhost: a\r\n" + NAME,
    "a bare line feed in a header": b"GET / HTTP/1.1\r\nhost: a\nb: c\r\n" + NAME,
    "a bare carriage return": b"GET / HTTP/1.1\r\nhost: a\rb\r\n" + NAME,
    "a header without a colon": b"GET / HTTP/1.1\r\nhost\r\n" + NAME,
    "no function": b"GET / HTTP/1.1\r\nhost: a",
    "two functions": b"GET / HTTP/1.1\r\n" + NAME + b"\r\n" + NAME,
    "no namespace": b"GET / HTTP/1.1\r\nx-faasd-function: echo",
    "a path for a function": b"GET / HTTP/1.1\r\nx-faasd-function: ../a.b",
    "a query for a namespace": b"GET / HTTP/1.1\r\nx-faasd-function: a.b?c=d",
    "two lengths": b"GET / HTTP/1.1\r\ncontent-length: 1\r\nContent-Length: 1\r\n" + NAME,
    "no number": b"GET / HTTP/1.1\r\ncontent-length: +1\r\n" + NAME,
    "a length and chunks": (
        b"GET / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n" + NAME
    ),
    "no chunks": b"GET / HTTP/1.1\r\ntransfer-encoding: chunked, gzip\r\n" + NAME,
}


@pytest.mark.parametrize("head", REFUSED.values(), ids=REFUSED)
def test_a_malformed_head_is_refused(head: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse_head(head)


@pytest.mark.parametrize(
    "line",
    [
        b"content-length: 17",
        b"transfer-encoding: gzip, chunked",
        b"cookie:a=b",
        b"x-empty:",
        b"x-tab:\tvalue\twith tabs\t",
        b"x-latin: caf\xe9",
    ],
)
def test_what_haproxy_lets_through_is_passed_as_it_is(line: bytes) -> None:
    head = parse_head(b"POST /p?q=%20 HTTP/1.1\r\n" + NAME + b"\r\n" + line)
    assert (head.key, head.method) == (KEY, b"POST")
    assert head.passed == b"POST /p?q=%20 HTTP/1.1\r\n" + line + b"\r\nConnection: close\r\n\r\n"


def test_an_upgrade_keeps_its_connection_header() -> None:
    head = parse_head(
        b"GET / HTTP/1.1\r\n" + NAME + b"\r\nConnection: Upgrade\r\nUpgrade: websocket"
    )
    assert head.passed == b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse_head(data.replace(b"\r\n\r\n", b""))


@given(
    st.lists(st.sampled_from([b"a: b", b"X-FAASD-Function: x.y", b"host : c", b"d", b"\t"])),
)
def test_no_head_passes_our_header_on(lines: list[bytes]) -> None:
    try:
        head = parse_head(b"\r\n".join((b"GET / HTTP/1.1", NAME, *lines)))
    except InvalidInput:
        return
    assert b"x-faasd-function" not in head.passed.lower()


@pytest.mark.parametrize(
    ("error", "status", "again"),
    [
        (InvalidInput("no"), 400, None),
        (Overloaded("busy"), 503, "1"),
        (TimedOut("late"), 504, None),
        (FaasdError("other"), 500, None),
    ],
)
def test_an_error_becomes_one_sentence_with_its_length(
    error: FaasdError, status: int, again: str | None
) -> None:
    answer = parse(render_answer(error))
    assert (answer.status, answer.body) == (status, f"{error}\n".encode())
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers.get("retry-after") == again
    assert "x-faasd-answer" not in answer.headers


def test_head_is_answered_without_a_body() -> None:
    async def test() -> None:
        async with standing(unknown_seconds=0.01) as stand:
            answer = await stand.send(stand.head(key="nobody.openfaas-fn", method="HEAD"))
            assert (answer.status, answer.body) == (404, b"")
            assert int(answer.headers["content-length"]) > 0
            assert answer.headers["x-faasd-answer"] == "unknown-function"

    run(test())


def test_malformed_requests_are_answered_with_400_and_reach_no_function() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(ready(FIRST))
            for head in REFUSED.values():
                answer = await stand.send(head + b"\r\n\r\n" + bytes(100000))
                assert answer.status == 400
                assert answer.body.count(b"\n") == 1
            assert stand.function.heads == []

    run(test())


def test_headers_that_do_not_end_are_cut_off() -> None:
    async def test() -> None:
        async with standing(head_bytes=5000) as stand:
            answer = await stand.send(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 100000)
            assert answer.status == 400
            assert b"longer than 5000 bytes" in answer.body

    run(test())


def test_headers_that_do_not_come_are_not_waited_for() -> None:
    async def test() -> None:
        async with standing(head_seconds=0.1) as stand:
            answer = await stand.send(b"GET / HTTP/1.1\r\nhost: a\r\n")
            assert answer.status == 400
            assert b"did not come within 0.1 s" in answer.body

    run(test())


def test_a_connection_that_says_nothing_is_closed_without_an_answer() -> None:
    async def test() -> None:
        async with standing() as stand:
            reader, writer = await stand.connect()
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()

    run(test())


def test_headers_that_come_byte_by_byte_are_understood() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry(), ready(FIRST))
            reader, writer = await stand.connect()
            for byte in stand.head():
                writer.write(bytes((byte,)))
                await writer.drain()
            assert parse(await reader.read()).status == 200
            writer.close()

    run(test())
