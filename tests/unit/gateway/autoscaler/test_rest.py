"""When a function goes to sleep."""

from dataclasses import replace

import pytest

from faasd.gateway.autoscaler.actions import Clear, Sleep, Wake
from faasd.gateway.autoscaler.quiet import Look, Quiet, see
from faasd.gateway.autoscaler.rest import Rest, decide_rest
from tests.unit.gateway.autoscaler.making import SLEEPY, entry, look


def watch(*looks: Look) -> Quiet:
    quiet: Quiet | None = None
    for each in looks:
        quiet = see(quiet, each)
    assert quiet is not None
    return quiet


def test_nothing_is_known_of_what_was_before_the_first_look() -> None:
    assert watch(look(100, requests=7)).lasts(100) == 0


def test_it_is_quiet_since_the_last_look_that_saw_a_call() -> None:
    quiet = watch(look(0), look(1, requests=1), look(2, requests=1), look(9, requests=1))

    assert quiet.since == 1


@pytest.mark.parametrize(
    "touched",
    [
        look(5, current=1),
        look(5, requests=1),
        look(5, worker="2@2"),
        look(5, told=entry(2)),
        look(5, told=entry(generation=2)),
        look(5, told=entry(state="starting")),
        look(5, told=entry(state="failed")),
        look(5, told=entry(policy=replace(SLEEPY, idle=5.0))),
    ],
    ids=["in flight", "called", "new router", "scaled", "deployed", "starts", "fails", "label"],
)
def test_whatever_happens_begins_its_rest_anew(touched: Look) -> None:
    assert watch(look(0), look(1), touched).since == 5


def test_what_is_in_flight_at_every_look_is_never_quiet() -> None:
    looks = [look(float(at), requests=1, current=1) for at in range(100)]

    assert watch(*looks).since == 99


def test_it_is_cleared_first_and_sleeps_then() -> None:
    quiet = watch(look(0), look(10))

    assert decide_rest(Rest(quiet=watch(look(0), look(9.9)))) is None
    assert decide_rest(Rest(quiet=quiet)) == Clear()
    assert decide_rest(Rest(quiet=quiet, cleared_at=9.5)) == Sleep()


def test_what_was_cleared_too_long_ago_or_before_a_call_is_cleared_anew() -> None:
    assert decide_rest(Rest(quiet=watch(look(0), look(20)), cleared_at=11.0)) == Clear()
    called = watch(look(0), look(12, requests=1), look(22, requests=1))
    assert decide_rest(Rest(quiet=called, cleared_at=11.5)) == Clear()


@pytest.mark.parametrize("policy", [replace(SLEEPY, idle=None), None])
def test_what_may_not_sleep_does_not(policy: None) -> None:
    told = entry(policy=policy)

    assert decide_rest(Rest(quiet=watch(look(0, told=told), look(999, told=told)))) is None


def test_a_call_in_the_very_moment_of_sleep_wakes_it() -> None:
    asleep = watch(look(0), look(1, told=entry(0), current=1, requests=1))

    assert decide_rest(Rest(quiet=asleep, ours=True)) == Wake()


def test_what_a_person_put_to_sleep_is_left_alone() -> None:
    asleep = watch(look(0), look(1, told=entry(0), current=1, requests=1))

    assert decide_rest(Rest(quiet=asleep)) is None
    assert decide_rest(Rest(quiet=watch(look(0, told=entry(0))), ours=True)) is None
