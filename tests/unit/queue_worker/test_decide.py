"""What becomes of a call after a try."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.queue_worker.decide import (
    Again,
    Dead,
    Done,
    Try,
    decide,
    parse_retry_after,
    read_try,
)
from faasd.queue_worker.mending import BeginAnew, Drop, Positions, decide_mending
from faasd.queue_worker.settings import RetrySettings

FIVE = RetrySettings(tries=5, first_wait=1, most_wait=10, retry_after_most=300)


def full() -> float:
    return 1.0


@given(st.integers(100, 599).filter(lambda status: status not in {429, 502, 503, 504}))
def test_an_answer_is_final(status: int) -> None:
    assert decide(Try(status=status), 1, FIVE, full) == Done()
    assert decide(Try(status=status), 99, FIVE, full) == Done()


@pytest.mark.parametrize("status", [0, 429, 502, 503, 504])
def test_what_may_succeed_later_is_tried_as_often_as_set(status: int) -> None:
    waits = [decide(Try(status=status), tries, FIVE, full) for tries in (1, 2, 3, 4)]
    assert waits == [Again(wait=1), Again(wait=2), Again(wait=4), Again(wait=8)]
    assert isinstance(decide(Try(status=status), 5, FIVE, full), Dead)


@given(st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 1e9))
def test_a_wait_is_bounded(tries: int, chance: float, retry_after: float) -> None:
    settings = RetrySettings(tries=10**7, most_wait=60, retry_after_most=300)
    verdict = decide(Try(status=503, retry_after=retry_after), tries, settings, lambda: chance)
    assert isinstance(verdict, Again)
    assert 0.5 <= verdict.wait <= 300


def test_chance_spreads_waits_by_a_fifth() -> None:
    verdict = decide(Try(), 3, FIVE, lambda: 0.0)
    assert isinstance(verdict, Again)
    assert verdict.wait == pytest.approx(3.2)


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 194), (0.5, 219), (1.0, 243)])
def test_by_default_a_call_is_given_up_after_about_four_minutes(
    chance: float, seconds: float
) -> None:
    default, waited, tries = RetrySettings(), 0.0, 1
    while isinstance(verdict := decide(Try(status=503), tries, default, lambda: chance), Again):
        waited, tries = waited + verdict.wait, tries + 1
    assert tries == 10
    assert waited == pytest.approx(seconds, abs=1)


def test_a_function_that_the_node_does_not_have_is_called_again_and_given_up_with_that_reason() -> (
    None
):
    gone = read_try(404, {"X-Faasd-Answer": "unknown-function"}, now=0.0)
    assert decide(gone, 1, FIVE, full) == Again(wait=1)
    assert decide(gone, 5, FIVE, full) == Dead(
        reason="there is no such function on this node, after 5 tries"
    )


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (404, {}),
        (404, {"X-Faasd-Answer": "something-else"}),
        (200, {"X-Faasd-Answer": "unknown-function"}),
    ],
)
def test_a_404_of_the_function_itself_is_its_answer(status: int, headers: dict[str, str]) -> None:
    assert decide(read_try(status, headers, now=0.0), 1, FIVE, full) == Done()


def test_retry_after_is_read_beside_the_status() -> None:
    assert read_try(503, {"Retry-After": "7"}, now=0.0) == Try(status=503, retry_after=7)


def test_retry_after_lengthens_a_wait_and_never_shortens_it() -> None:
    assert decide(Try(status=429, retry_after=30), 1, FIVE, full) == Again(wait=30)
    assert decide(Try(status=429, retry_after=0.1), 1, FIVE, full) == Again(wait=1)


def test_a_dead_letter_says_why_and_after_how_many_tries() -> None:
    assert decide(Try(status=503), 5, FIVE, full) == Dead(
        reason="the function answered 503, after 5 tries"
    )
    once = RetrySettings(tries=1)
    assert decide(Try(reason="cut off"), 1, once, full) == Dead(reason="cut off, after 1 try")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("9" * 400, 999_999_999),
        ("\u0661", 0),
    ],
)
def test_retry_after_is_a_number_or_a_date(text: str, seconds: float) -> None:
    assert parse_retry_after(text, now=10.0) == seconds


def at(first: int, last: int, held: int, done: int, given: int, in_flight: int = 0) -> Positions:
    return Positions(first=first, last=last, held=held, done=done, given=given, in_flight=in_flight)


def test_what_nats_kept_of_done_calls_is_dropped() -> None:
    assert decide_mending(at(184, 402, held=142, done=402, given=402)) == Drop(up_to=402)


def test_calls_that_are_not_done_are_never_dropped() -> None:
    assert decide_mending(at(11, 20, held=10, done=10, given=15, in_flight=5)) is None
    assert decide_mending(at(21, 20, held=0, done=20, given=20)) is None
    assert decide_mending(at(9, 20, held=5, done=10, given=15, in_flight=5)) == Drop(up_to=10)


def test_a_consumer_ahead_of_its_stream_begins_anew() -> None:
    assert decide_mending(at(1, 50, held=9, done=60, given=60)) == BeginAnew()


def test_a_consumer_that_forgot_calls_in_flight_begins_anew() -> None:
    assert decide_mending(at(11, 20, held=10, done=10, given=20)) == BeginAnew()
    assert decide_mending(at(11, 20, held=10, done=10, given=20, in_flight=10)) is None
    assert decide_mending(at(11, 21, held=11, done=10, given=20)) is None  # the last just came
