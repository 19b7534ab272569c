"""Counters of functions out of counters of backends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import InvalidInput
from faasd.router.answers import Counters
from faasd.router.ledger import parse_tally, render_tally
from faasd.router.tally import Reading, Tally
from faasd.router.wanted import FunctionName

ONE, TWO = FunctionName(name="one"), FunctionName(name="two", namespace="dev")


def _reading(worker: str, held: dict[FunctionName, str], *requests: int) -> Reading:
    rows = {
        f"f{number:03}": Counters(
            backend=f"f{number:03}",
            server="BACKEND",
            current=0,
            queued=0,
            rate=0,
            requests=count,
            by_class=(0, count, 0, 0, 0),
        )
        for number, count in enumerate(requests)
    }
    return Reading(worker=worker, held=held, rows=rows)


def _requests(*readings: Reading) -> dict[FunctionName, int]:
    tally = Tally()
    for reading in readings:
        tally = tally.advance(reading)
    return {function: stats.requests for function, stats in tally.totals.items()}


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=4))
def test_no_count_is_lost_or_made_up_by_restarts(increments: list[list[int]]) -> None:
    readings = [
        _reading(str(worker), {ONE: "f000"}, sum(steps[: at + 1]))
        for worker, steps in enumerate(increments)
        for at in range(len(steps))
    ]
    assert _requests(*readings).get(ONE, 0) == sum(map(sum, increments))


def test_next_holder_does_not_inherit_counts() -> None:
    before, after = _reading("1", {ONE: "f000"}, 7), _reading("1", {TWO: "f000"}, 9)
    assert _requests(before, after) == {TWO: 2}


def test_function_that_moves_keeps_its_counts() -> None:
    before, after = _reading("1", {ONE: "f000"}, 7, 0), _reading("1", {ONE: "f001"}, 7, 3)
    assert _requests(before, after) == {ONE: 10}


def test_last_calls_of_a_function_that_is_gone_are_told_once() -> None:
    held, gone = _reading("1", {ONE: "f000"}, 7), _reading("1", {}, 9)
    assert _requests(held, gone) == {ONE: 9}
    assert _requests(held, gone, gone) == {}


def test_last_calls_before_a_restart_of_the_router_are_nobodys() -> None:
    assert _requests(_reading("1", {ONE: "f000"}, 7), _reading("2", {}, 9)) == {}


def test_tally_is_read_back_as_it_was_written() -> None:
    tally = Tally().advance(_reading("1@2", {ONE: "f000", TWO: "f001"}, 7, 2))
    assert parse_tally(render_tally(tally)) == tally


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"worker":"","totals":{"a":1},"held":{},"rows":[]}']
)
def test_damaged_tally_is_told(text: str) -> None:
    with pytest.raises(InvalidInput, match="damaged"):
        parse_tally(text)
