"""How many replicas a function gets, over traces of load."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faasd.base.load import ByLoad, LoadType
from faasd.gateway.autoscaler.decide import Situation, decide_replicas, needed
from faasd.gateway.autoscaler.trace import GAP, STABLE, Trace, add
from tests.unit.gateway.autoscaler.simulation import (
    EACH,
    TRACES,
    Bounds,
    Second,
    jump,
    noise,
    ramp,
    sawtooth,
    simulate,
    spike,
    steady,
    turns,
    waves,
)


def numbers(history: list[Second]) -> list[int]:
    return [second.replicas for second in history]


def run(name: str, bounds: Bounds | None = None, replicas: int = 1) -> list[Second]:
    load, seconds = TRACES[name]
    return list(simulate(load, seconds, bounds, replicas=replicas))


def test_a_load_that_comes_at_once_is_acted_upon_within_two_seconds() -> None:
    history = run("jump")
    began = next(at for at, second in enumerate(history) if second.load)

    assert history[began + 1].replicas > 1
    assert history[began + 2].replicas >= 5
    assert history[began + 3].replicas == 9
    assert history[began + 12].replicas == needed(90, EACH) == 10


def test_when_the_load_ends_it_takes_a_minute_and_goes_down_by_halves() -> None:
    after = numbers(run("jump"))[150:]

    assert after[: int(STABLE) - 1] == [10] * (int(STABLE) - 1)
    assert list(dict.fromkeys(after)) == [10, 6, 3, 2, 1]
    assert after.index(1) < STABLE + 45


@pytest.mark.parametrize("load", [steady, noise], ids=["steady", "noise"])
@pytest.mark.parametrize("seed", range(5))
def test_a_load_that_stays_ends_in_a_number_that_stays(load: object, seed: int) -> None:
    assert callable(load)
    history = list(simulate(lambda at: load(at + 1000 * seed), 600))

    assert turns(history) == 0
    assert len(set(numbers(history[120:]))) <= 2


def test_a_spike_is_answered_once_and_forgotten_once() -> None:
    history = run("spike")

    assert turns(history) == 1
    assert max(numbers(history)) > 1
    assert numbers(history)[-1] == 1


def test_a_sawtooth_does_not_make_it_swing() -> None:
    assert turns(run("sawtooth")) == 0


def test_a_ramp_is_followed_up_and_down_without_a_swing() -> None:
    history = run("ramp")

    assert turns(history) == 1
    assert all(s.load <= s.replicas * EACH * 1.5 + EACH for s in history[5:180])
    assert numbers(history)[-1] < max(numbers(history)) / 2


def test_waves_turn_it_twice_each_and_no_more() -> None:
    assert turns(run("waves")) <= 2 * 900 / 300


@pytest.mark.parametrize("load", [jump, ramp, spike, sawtooth, noise, waves])
def test_labels_bound_the_number_whatever_the_load(load: object) -> None:
    assert callable(load)
    history = list(simulate(load, 400, Bounds(least=2, most=6), replicas=2))

    assert set(numbers(history)) <= set(range(2, 7))


def test_a_factor_bounds_what_comes_at_once() -> None:
    history = numbers(list(simulate(lambda _: 1000.0, 30, Bounds(step=2))))

    assert max(b - a for a, b in itertools.pairwise(history)) == 2
    assert history[-1] == 20


def test_what_a_person_asked_for_is_not_taken_away() -> None:
    history = numbers(list(simulate(lambda _: 1.0, 300, Bounds(floor=7), replicas=7)))

    assert set(history) == {7}


def test_fewer_than_the_least_grow_by_load_only() -> None:
    idle = list(simulate(lambda _: 0.0, 100, Bounds(least=3), replicas=1))
    busy = list(simulate(lambda _: 20.0, 10, Bounds(least=5), replicas=1))

    assert set(numbers(idle)) == {1}
    assert numbers(busy)[-1] == 5


def test_a_gateway_that_starts_anew_takes_nothing_away_for_a_minute() -> None:
    history = numbers(list(simulate(lambda _: 0.0, 200, replicas=10)))

    assert history[: int(STABLE) - 1] == [10] * (int(STABLE) - 1)


def situation(
    replicas: int, *loads: float, may_grow: bool = True, kind: LoadType = LoadType.RPS
) -> Situation:
    trace: Trace = ()
    for at, load in enumerate(loads):
        trace = add(trace, float(at), load, replicas)
    by_load = ByLoad(type=kind, each=EACH, step=20)
    return Situation(
        by_load=by_load, least=1, most=20, replicas=replicas, trace=trace, may_grow=may_grow
    )


def test_one_instant_is_no_reason_to_grow_and_one_second_is() -> None:
    assert decide_replicas(situation(1, 500.0, kind=LoadType.CAPACITY)) == 1
    assert decide_replicas(situation(1, 0.0, 500.0, kind=LoadType.CAPACITY)) == 20
    assert decide_replicas(situation(1, 500.0)) == 20
    assert decide_replicas(situation(1)) == 1


def test_what_sleeps_is_woken_by_calls_and_not_from_here() -> None:
    assert decide_replicas(situation(0, 500.0, 500.0)) == 0


def test_what_fails_is_not_made_to_fail_more_often() -> None:
    assert decide_replicas(situation(2, 500.0, 500.0, may_grow=False)) == 2


def test_what_was_before_a_gap_says_nothing() -> None:
    trace: Trace = ()
    for at in range(100):
        trace = add(trace, float(at), 80.0, 1)
    later = add(trace, 99 + GAP + 1, 0.0, 1)

    assert len(trace) <= STABLE + 1
    assert len(later) == 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 30.0), st.floats(0.0, 0.3))
def test_however_high_a_steady_load_is_it_is_carried_and_never_swings(
    seed: int, factor: float, jitter: float
) -> None:
    chance = random.Random(seed)
    load = EACH * factor
    history = list(
        simulate(lambda _: load * chance.uniform(1 - jitter, 1 + jitter), 240, Bounds(most=100))
    )

    assert turns(history) == 0
    assert history[-1].replicas >= needed(load * (1 - jitter), EACH)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=90), st.integers(1, 100))
def test_no_load_leads_out_of_the_bounds(loads: list[float], replicas: int) -> None:
    found = decide_replicas(situation(replicas, *loads))

    assert min(replicas, 1) <= found <= max(replicas, 20)
