"""One function's counts, out of counters that lose nothing and lines that may be lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.gateway.account import Account, News
from faasd.gateway.log_line import Times
from faasd.router.tally import Classes, FunctionStats


def times(count: int, milliseconds: int = 0) -> Times:
    found = Times()
    for _ in range(count):
        found.add(milliseconds)
    return found


def news(by_class: Classes, lines: dict[int, int] | None = None, samples: int = 0) -> News:
    return News(
        stats=FunctionStats(by_class=by_class, requests=sum(by_class)),
        lines={code: times(count) for code, count in (lines or {}).items()},
        samples=times(samples, 4) if samples else None,
    )


def test_what_has_no_line_among_successes_is_a_200() -> None:
    account = Account().advance(news((0, 10, 0, 0, 0), {204: 3}))
    assert account.codes == {204: 3, 200: 7}
    assert (account.total, account.started) == (10, 10)


def test_lines_tell_the_very_status() -> None:
    account = Account().advance(news((1, 0, 1, 2, 3), {101: 1, 302: 1, 404: 1, 418: 1, 502: 3}))
    assert account.codes == {101: 1, 302: 1, 404: 1, 418: 1, 502: 3}


def test_an_answer_whose_line_is_late_waits_for_it() -> None:
    account = Account().advance(news((0, 0, 0, 0, 2)))
    assert account.total == 0
    account = account.advance(news((0, 0, 0, 0, 2), {504: 2}))
    assert account.codes == {504: 2}


def test_an_answer_whose_line_is_lost_has_its_classs_first_status() -> None:
    account = Account().advance(news((0, 0, 1, 1, 2), {503: 1}))
    account = account.advance(news((0, 0, 1, 1, 2)))
    assert account.codes == {300: 1, 400: 1, 503: 1, 500: 1}


def test_lines_that_come_before_the_counters_are_not_counted_twice() -> None:
    account = Account().advance(news((0, 0, 0, 0, 1), {502: 3}))
    assert account.codes == {502: 3}
    account = account.advance(news((0, 0, 0, 0, 3)))
    assert account.advance(news((0, 0, 0, 0, 3))).codes == {502: 3}


def test_lines_of_a_worker_whose_counters_are_lost_do_not_hide_later_answers() -> None:
    account = Account().advance(news((0, 0, 0, 0, 0), {502: 3}))
    for _ in range(2):
        account = account.advance(news((0, 0, 0, 0, 0)))
    account = account.advance(news((0, 0, 0, 0, 2)))
    account = account.advance(news((0, 0, 0, 0, 2)))
    assert account.codes == {502: 3, 500: 2}


def test_a_router_that_falls_behind_is_followed_and_not_counted_twice() -> None:
    account = Account().advance(news((0, 100, 0, 0, 0)))
    account = account.advance(news((0, 40, 0, 0, 0)))
    assert account.advance(news((0, 45, 0, 0, 0))).codes == {200: 105}


def test_a_function_that_is_deployed_again_goes_on() -> None:
    account = Account().advance(news((0, 5, 0, 0, 0))).begin_anew()
    assert account.advance(news((0, 6, 0, 0, 0))).codes == {200: 11}


def test_samples_stand_for_all_successes_since_the_last_ones() -> None:
    account = Account().advance(news((0, 150, 0, 0, 0)))
    assert account.histograms == {}
    account = account.advance(news((0, 300, 0, 0, 0), samples=3))
    found = account.histograms[200]
    assert found.count == 300
    assert found.seconds == pytest.approx(1.2)
    account = account.advance(news((0, 310, 0, 0, 0), samples=1))
    assert account.histograms[200].count == 310


def test_failures_are_timed_one_by_one() -> None:
    account = Account().advance(
        News(
            stats=FunctionStats(by_class=(0, 0, 0, 0, 2), requests=2),
            lines={504: times(2, 60_000)},
        )
    )
    found = account.histograms[504]
    assert (found.count, found.seconds, found.buckets[-2]) == (2, 120, 2)


_COUNTS = st.integers(0, 5)


@given(st.lists(st.tuples(_COUNTS, _COUNTS), min_size=1, max_size=12))
def test_lines_ahead_of_the_counters_all_the_time_are_counted_once(
    steps: list[tuple[int, int]],
) -> None:
    """Each step fails some calls; of the step after it some lines are there already."""
    account, done, told = Account(), 0, 0
    for failures, ahead in steps:
        done += failures
        lines, told = done + ahead - told, done + ahead
        account = account.advance(news((0, 0, 0, 0, done), {502: lines}))
        done = told
    for _ in range(3):
        account = account.advance(news((0, 0, 0, 0, done)))
    assert account.codes == {502: done}
    assert account.is_settled


@given(st.lists(st.tuples(_COUNTS, _COUNTS, _COUNTS, _COUNTS), max_size=12))
def test_no_count_ever_falls_and_all_answers_are_counted_at_last(
    steps: list[tuple[int, int, int, int]],
) -> None:
    """Whatever lines are lost: of each step's failures and 204s only some have one."""
    account, done = Account(), (0, 0, 0, 0, 0)
    for successes, failures, told, others in steps:
        done = (0, done[1] + successes + others, 0, 0, done[4] + failures)
        before = account
        account = account.advance(news(done, {502: min(told, failures), 204: min(told, others)}))
        assert all(account.codes.get(code, 0) >= count for code, count in before.codes.items())
    for _ in range(2):
        account = account.advance(news(done))
    assert account.total == sum(done)
    assert sum(count for code, count in account.codes.items() if code >= 500) == done[4]
