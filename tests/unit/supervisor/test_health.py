from dataclasses import replace

from faasd.supervisor.compose.values import Healthcheck
from faasd.supervisor.health import (
    FIRST_INTERVAL,
    Health,
    after_failure,
    after_success,
    started,
)

CHECK = Healthcheck(command=("x",), interval=10, retries=3, start_period=30)


def test_failures_in_the_start_period_do_not_count_and_are_checked_often() -> None:
    state = started(CHECK, 100)
    for now in (101, 110, 101.5):
        state = after_failure(CHECK, state, now)

    assert (state.health, state.failures) == (Health.STARTING, 0)
    assert state.next_check == 101.5 + FIRST_INTERVAL


def test_the_longer_a_start_takes_the_rarer_it_is_checked() -> None:
    check = replace(CHECK, start_period=300)
    pauses = [
        after_failure(check, started(check, 100), 100 + t).next_check - t for t in (8, 24, 99)
    ]

    assert pauses == [102, 106, 110]


def test_it_is_unhealthy_after_so_many_failures_in_a_row() -> None:
    state = after_success(CHECK, started(CHECK, 0), 1)
    for _ in range(2):
        state = after_failure(CHECK, state, 2)
    state = after_success(CHECK, state, 3)
    for _ in range(2):
        state = after_failure(CHECK, state, 4)
    still = state.health
    state = after_failure(CHECK, state, 5)

    assert still is Health.HEALTHY
    assert (state.health, state.next_check) == (Health.UNHEALTHY, 15)


def test_it_is_unhealthy_when_the_start_period_ends_without_a_success() -> None:
    state = started(CHECK, 0)
    for now in (31, 41, 51):
        state = after_failure(CHECK, state, now)

    assert state.health is Health.UNHEALTHY


def test_one_success_makes_it_healthy_again() -> None:
    state = started(CHECK, 0)
    for now in (31, 41, 51):
        state = after_failure(CHECK, state, now)

    state = after_success(CHECK, state, 61)

    assert (state.health, state.failures) == (Health.HEALTHY, 0)
