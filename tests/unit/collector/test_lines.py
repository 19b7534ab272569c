"""Bytes to lines."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from faasd.collector.lines import LONGEST, LineSplitter

BYTES = st.binary(max_size=200)
NEAR_LONGEST = st.tuples(
    st.sampled_from([b"a", "ü".encode(), "😀".encode(), b"\x80"]),
    st.integers(LONGEST - 6, LONGEST * 2 + 6),
    st.integers(0, 3),
).map(lambda drawn: b"x" * drawn[2] + (drawn[0] * drawn[1])[: drawn[1]])
STREAMS = st.lists(st.one_of(BYTES, NEAR_LONGEST, st.just(b"\n")), max_size=6).map(b"".join)


def split(stream: bytes, cuts: list[int]) -> list[str]:
    splitter = LineSplitter()
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    chunks = [stream[a:b] for a, b in pairwise(edges)]
    lines = [line for chunk in chunks for line in splitter.feed(chunk)]
    return lines + splitter.flush()


@given(STREAMS, st.lists(st.integers(0, 200_000), max_size=8))
def test_any_chunks_give_the_same_lines(stream: bytes, cuts: list[int]) -> None:
    assert split(stream, cuts) == split(stream, [])


@given(STREAMS)
def test_a_chunk_a_byte_gives_the_same_lines(stream: bytes) -> None:
    stream = stream[-300:]
    assert split(stream, list(range(len(stream)))) == split(stream, [])


@given(st.lists(st.text(st.characters(blacklist_characters="\n"), max_size=50), max_size=20))
def test_short_lines_come_back_as_they_were_printed(lines: list[str]) -> None:
    lines = [line.encode("utf-8", "ignore").decode() for line in lines]

    assert split("".join(f"{line}\n" for line in lines).encode(), [7, 11]) == lines


@given(NEAR_LONGEST)
def test_no_line_is_longer_than_the_longest_and_nothing_is_lost(stream: bytes) -> None:
    lines = split(stream, [])

    assert "".join(lines) == stream.decode(errors="replace")
    assert all(len(line.encode()) <= LONGEST or "\ufffd" in line for line in lines)


def test_a_line_of_just_the_longest_length_is_one_line() -> None:
    assert split(b"a" * LONGEST + b"\n", [LONGEST]) == ["a" * LONGEST]


def test_what_is_no_utf8_is_replaced() -> None:
    assert split(b"caf\xe9\nnext\n", []) == ["caf\ufffd", "next"]


def test_a_line_without_an_end_comes_when_nothing_more_can() -> None:
    splitter = LineSplitter()

    assert splitter.feed(b"one\ntw") == ["one"]
    assert splitter.flush() == ["tw"]
    assert splitter.flush() == []
