"""A call written into a message and read again."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import InvalidInput
from faasd.queue.call import AsyncCall, read_call, write_call
from faasd.queue.death import Death, read_death, write_death
from faasd.queue.names import CALL_HEADER, DEATH_HEADER

CALL = AsyncCall(call_id="1", function="echo", namespace="dev", called="echo.dev", body=b"x")
TEXT = st.text(st.characters(max_codepoint=0xDCFF), max_size=20)


@given(
    call=st.builds(
        AsyncCall,
        call_id=TEXT,
        function=TEXT,
        namespace=TEXT,
        called=TEXT,
        path=TEXT,
        headers=st.lists(st.tuples(TEXT, TEXT)).map(tuple),
        callback=TEXT,
        body=st.binary(),
    )
)
def test_what_is_written_is_read(call: AsyncCall) -> None:
    headers = write_call(call)
    assert read_call(headers, call.body) == call
    assert headers[CALL_HEADER].isascii()
    assert headers[CALL_HEADER].isprintable()


@pytest.mark.parametrize(
    "headers",
    [None, {}, {CALL_HEADER: "x"}, {CALL_HEADER: "[]"}, {CALL_HEADER: '{"id": 1}'}],
)
def test_what_is_no_call_is_told(headers: dict[str, str] | None) -> None:
    with pytest.raises(InvalidInput, match="no call of the gateway's"):
        read_call(headers, b"")


@pytest.mark.parametrize(
    "change",
    [
        {"body": b"y"},
        {"path": "/y"},
        {"function": "other"},
        {"namespace": "prod"},
        {"call_id": "2"},
        {"callback": "http://x"},
    ],
)
def test_a_call_that_differs_is_no_repetition(change: dict[str, str]) -> None:
    other = dataclasses.replace(CALL, **change)  # type: ignore[arg-type]  # one of each kind
    assert other.identity() != CALL.identity()


def test_a_call_repeated_with_other_headers_is_a_repetition() -> None:
    """A proxy that asks again may add some."""
    repeated = dataclasses.replace(CALL, headers=(("X-Forwarded-For", "1.2.3.4"),))
    assert repeated.identity() == CALL.identity()


def test_parts_of_a_call_are_not_mixed_up() -> None:
    one = dataclasses.replace(CALL, path="/a", callback="b")
    other = dataclasses.replace(CALL, path="/", callback="ab")
    assert one.identity() != other.identity()


def test_a_death_is_written_and_read_within_bounds() -> None:
    death = Death(reason="ä" * 9999, status=503, tries=5, died=1.5)
    headers = write_death(death)
    assert len(headers[DEATH_HEADER]) < 2048
    assert read_death(headers) == dataclasses.replace(death, reason="ä" * 300)


@pytest.mark.parametrize("headers", [None, {}, {DEATH_HEADER: "x"}, {DEATH_HEADER: "{}"}])
def test_an_unknown_death_is_empty(headers: dict[str, str] | None) -> None:
    assert read_death(headers).reason == "not known"
