"""HAProxy's lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.gateway.log_line import BOUNDS, MOST_GROUPS, Lines

LINE = b"request echo 502 37 0 0 1 36 SH 0 f000 r1 c-1"


def test_a_line_is_counted_by_function_status_and_time() -> None:
    lines = Lines()
    lines.add(LINE)
    lines.add(LINE.replace(b"37", b"70000"))
    ((group, times),) = lines.take().items()
    assert group == (b"echo", b"502")
    assert (times.count, times.milliseconds, times.buckets[-1]) == (2, 70037, 1)
    assert times.buckets[BOUNDS.index(0.05)] == 1
    assert lines.take() == {}


def test_an_identifier_with_spaces_hides_no_answer() -> None:
    lines = Lines()
    lines.add(LINE + b" of mine, the second")
    assert list(lines.take()) == [(b"echo", b"502")]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\x00",
        b"Server f000/r1 is DOWN, reason: Layer4 connection problem",
        LINE.replace(b"f000", b"successor"),
        LINE.replace(b"f000", b"front"),
        LINE.replace(b"f000", b"gateway"),
        LINE.replace(b"502", b"-1"),
    ],
)
def test_what_is_no_answer_of_a_function_is_passed_over(line: bytes) -> None:
    lines = Lines()
    lines.add(line)
    assert lines.take() == {}


@given(st.binary(max_size=200))
def test_any_datagram_is_taken(data: bytes) -> None:
    Lines().add(data)


def test_a_time_on_a_bound_is_within_it() -> None:
    lines = Lines()
    lines.add(LINE.replace(b" 37 ", b" 5 "))
    (times,) = lines.take().values()
    assert times.buckets[BOUNDS.index(0.005)] == 1


def test_made_up_names_do_not_fill_the_memory() -> None:
    lines = Lines()
    for number in range(MOST_GROUPS + 10):
        lines.add(LINE.replace(b"echo", b"echo%d" % number))
    assert len(lines.take()) == MOST_GROUPS
