"""What is remembered of a stream of news, and who is woken by it."""

import asyncio
import json
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import BadAnswer
from faasd.gateway.route_feed import (
    Gone,
    Heartbeat,
    News,
    RouteEntry,
    Synced,
    parse_line,
)
from faasd.gateway.routes_table import RouteTable
from tests.unit.gateway.activat_provider import entry, ready
from tests.unit.gateway.activat_stand import KEY, run

ADDRESS = "10.62.0.5"
FAILED = entry(replicas=1, state="failed", reason="it ended")
FAILED_AGAIN = entry(replicas=1, state="failed", reason="it ended (2 times in a row)")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def hear(table: RouteTable, *news: News) -> RouteTable:
    for line in news:
        table.hear(line)
    return table


def test_lines_mean_what_the_provider_says() -> None:
    line = (
        b'{"function":"echo","namespace":"openfaas-fn","generation":3,"replicas":2,'
        b'"available":["10.62.0.5","10.62.0.6"],"state":"degraded","reason":"one ended"}'
    )
    assert parse_line(line) == RouteEntry(
        function="echo",
        namespace="openfaas-fn",
        generation=3,
        replicas=2,
        available=("10.62.0.5", "10.62.0.6"),
        state="degraded",
        reason="one ended",
    )
    assert parse_line(b'{"synced":true}') == Synced()
    assert parse_line(b"{}") == Heartbeat()
    assert parse_line(b'{"function":"a","namespace":"b","gone":true}') == Gone(key="a.b")


WHOLE: dict[str, object] = {
    "function": "a",
    "namespace": "b",
    "replicas": 1,
    "available": [ADDRESS],
    "state": "ready",
    "reason": "",
}
WRONG: Sequence[tuple[str, object]] = (
    ("function", 1),
    ("namespace", None),
    ("replicas", -1),
    ("replicas", True),
    ("replicas", "1"),
    ("available", "10.62.0.5"),
    ("available", ["host"]),
    ("available", [5]),
    ("state", 1),
    ("reason", None),
    ("generation", "1"),
)


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_line_with_a_wrong_value_is_no_news(name: str, value: object) -> None:
    parse_line(json.dumps(WHOLE).encode())
    with pytest.raises(BadAnswer):
        parse_line(json.dumps({**WHOLE, name: value}).encode())


@given(st.binary(max_size=60))
def test_other_bytes_are_no_news(line: bytes) -> None:
    with pytest.raises(BadAnswer, match="in a way unknown"):
        parse_line(b"\xff" + line)


def test_nesting_without_end_is_no_news() -> None:
    with pytest.raises(BadAnswer):
        parse_line(b"[" * 100000)


def test_a_function_counts_as_failing_from_its_first_failure_on() -> None:
    clock = Clock()
    table = hear(RouteTable(clock), entry(), FAILED)
    clock.now = 5.0
    hear(table, FAILED)
    failing = table.find_failing(KEY)
    assert failing is not None
    assert (failing.since, failing.again) == (0.0, False)


def test_a_second_reason_means_that_it_failed_again() -> None:
    failing = hear(RouteTable(), FAILED, FAILED_AGAIN).find_failing(KEY)
    assert failing is not None
    assert failing.again


@pytest.mark.parametrize(
    "between", [entry(), ready(ADDRESS), entry(replicas=1, state="starting"), Gone(key=KEY)]
)
def test_a_break_makes_a_failure_new(between: News) -> None:
    clock = Clock()
    table = hear(RouteTable(clock), FAILED, FAILED_AGAIN, between)
    assert table.find_failing(KEY) is None
    clock.now = 5.0
    failing = hear(table, FAILED_AGAIN).find_failing(KEY)
    assert failing is not None
    assert (failing.since, failing.again) == (5.0, False)


def test_a_new_generation_begins_without_failures() -> None:
    newer = entry(replicas=1, state="failed", reason="another", generation=2)
    failing = hear(RouteTable(), FAILED, newer).find_failing(KEY)
    assert failing is not None
    assert not failing.again


def test_a_waiter_is_woken_by_what_it_waits_for_alone() -> None:
    async def test() -> None:
        table = hear(RouteTable(), entry())
        asked: list[RouteEntry | None] = []

        def available(now: RouteEntry | None) -> bool:
            asked.append(now)
            return now is not None and bool(now.available)

        waiting = asyncio.create_task(table.wait(KEY, available, 20))
        await asyncio.sleep(0)
        pending = entry(replicas=1, state="pending")
        hear(table, entry("other"), Heartbeat(), pending, pending)
        assert not waiting.done()
        hear(table, ready(ADDRESS))
        assert await waiting == ready(ADDRESS)
        assert asked == [entry(), pending, ready(ADDRESS)]

    run(test())


def test_a_waiter_that_waits_too_long_gets_what_there_is() -> None:
    async def test() -> None:
        table = hear(RouteTable(), entry())
        assert await table.wait(KEY, lambda now: now is None, 0.01) == entry()
        assert await table.wait("other.b", lambda now: now is not None, 0.01) is None

    run(test())


def test_a_waiter_for_the_end_of_telling_is_woken_by_it() -> None:
    async def test() -> None:
        table = RouteTable()
        table.begin()
        waiting = asyncio.create_task(table.wait("a.b", lambda _: table.synced, 20))
        await asyncio.sleep(0)
        hear(table, Synced())
        assert await waiting is None

    run(test())


def test_waiters_that_left_are_forgotten() -> None:
    async def test() -> None:
        table = hear(RouteTable(), entry())
        asked: list[RouteEntry | None] = []

        def never(now: RouteEntry | None) -> bool:
            asked.append(now)
            return False

        waiting = asyncio.create_task(table.wait(KEY, never, 20))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait((waiting,))
        hear(table, ready(ADDRESS))
        assert asked == [entry()]

    run(test())


def test_thousands_of_waiters_cost_a_change_of_another_function_nothing() -> None:
    async def test() -> None:
        table = hear(RouteTable(), entry())
        waits = [
            asyncio.create_task(table.wait(KEY, lambda now: now is None, 60)) for _ in range(5000)
        ]
        await asyncio.sleep(0)
        began = time.perf_counter()
        for number in range(1000):
            hear(table, entry("other", replicas=number))
        assert time.perf_counter() - began < 1
        hear(table, Gone(key=KEY))
        assert await asyncio.gather(*waits) == [None] * 5000

    run(test())
