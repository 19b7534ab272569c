"""When memory counts as short, and how often something is done about it; on simulated traces."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_app.domain.kernel_memory import parse_available, parse_stalls
from provider_app.domain.pressure import CALM, Pressure, Reading, see_reading

PSI = """\
some avg10=18.95 avg60=4.95 avg300=1.10 total=6105198
full avg10=0.96 avg60=0.26 avg300=0.06 total=1646385
"""
MEMINFO = "MemTotal:        8000 kB\nMemFree:   10 kB\nMemAvailable:    2000 kB\nHugetlb: 0 kB\n"


def trace(shares: Iterable[float], available: float | None = 0.1) -> Sequence[Pressure]:
    """Return what is known after each second in which so much of the time some task waited."""
    pressure, stalled = see_reading(Pressure(), Reading(at=0.0, stalled=0.0)), 0.0
    found = []
    for at, share in enumerate(shares, 1):
        stalled += share
        reading = Reading(at=float(at), stalled=stalled, available=available)
        pressure = see_reading(pressure, reading)
        found.append(pressure)
        if pressure.wants_step:
            pressure = replace(pressure, stepped_at=pressure.last.at if pressure.last else 0.0)
    return found


def left(shares: Iterable[float]) -> Sequence[bool]:
    """Return whether memory is short at each second, on a machine without PSI."""
    pressure, found = Pressure(), []
    for at, share in enumerate(shares):
        pressure = see_reading(pressure, Reading(at=float(at), available=share))
        found.append(pressure.short)
    return found


def turns(found: Sequence[Pressure]) -> int:
    return sum(a.short != b.short for a, b in pairwise(found))


def test_a_machine_that_hardly_waits_is_never_short() -> None:
    assert not any(seen.short for seen in trace([0.0, 0.04, 0.19, 0.1] * 30))


def test_one_bad_second_is_none_and_two_are() -> None:
    assert not any(seen.short for seen in trace([0.0, 0.9, 0.1] * 20))
    assert [seen.short for seen in trace([0.0, 0.3, 0.3])] == [False, False, True]


def test_what_waits_while_memory_is_left_waits_for_its_own_limit() -> None:
    assert not any(seen.short for seen in trace([0.9] * 30, available=0.5))
    assert trace([0.9] * 30, available=None)[-1].short


def test_it_ends_only_after_a_while_without_a_hint() -> None:
    calm = int(CALM)
    found = trace([0.5, 0.5] + [0.1] * 20 + [0.0] * (calm + 1))

    assert all(seen.short for seen in found[1 : 22 + calm - 1])
    assert not found[-1].short


def test_a_swinging_strain_does_not_make_it_swing() -> None:
    assert turns(trace([0.3, 0.3, 0.0, 0.0, 0.0] * 40)) == 1


def test_while_it_is_felt_something_is_done_every_other_second() -> None:
    found = trace([0.6] * 12 + [0.01] * 20)

    assert [at for at, seen in enumerate(found, 1) if seen.wants_step] == [2, 4, 6, 8, 10, 12]


def test_without_stalls_to_read_what_is_left_decides() -> None:
    assert left([0.2] * 20).count(True) == 0
    short = left([0.2, 0.04, 0.04] + [0.07] * 30 + [0.2] * (int(CALM) + 1))

    assert short[:3] == [False, False, True]
    assert all(short[3:-2])
    assert not short[-1]
    assert left([0.07] * 30).count(True) == 0


def test_a_machine_that_tells_nothing_is_never_short() -> None:
    pressure = Pressure()
    for at in range(30):
        pressure = see_reading(pressure, Reading(at=float(at)))
        assert not pressure.short


def test_a_counter_that_begins_anew_is_no_strain() -> None:
    high = see_reading(Pressure(), Reading(at=0.0, stalled=900.0, available=0.1))

    assert not see_reading(high, Reading(at=1.0, stalled=0.0, available=0.1)).looks


@given(st.lists(st.floats(0, 1), max_size=120))
def test_it_turns_at_most_once_in_each_calm_span(shares: list[float]) -> None:
    found = trace(shares)

    ends = [at for at, (a, b) in enumerate(pairwise(found)) if a.short > b.short]
    assert all(later - earlier >= CALM for earlier, later in pairwise(ends))
    steps = [at for at, seen in enumerate(found) if seen.wants_step]
    assert all(later - earlier >= 2 for earlier, later in pairwise(steps))


def test_the_kernels_texts_are_read() -> None:
    assert parse_stalls(PSI) == pytest.approx(6.105198)
    assert parse_available(MEMINFO) == 0.25


@pytest.mark.parametrize("text", ["", "some", "full avg10=1 total=7\n", "MemTotal: 0 kB\n", "\0"])
def test_any_other_text_says_nothing(text: str) -> None:
    assert parse_stalls(text) is None
    assert parse_available(text) is None
