"""What is decided is done, once, and what fails is done later."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

import pytest

from faasd.base.errors import InUse, NotFound, Unavailable
from faasd.gateway.autoscaler.autoscaler import Autoscaler
from faasd.gateway.autoscaler.hand import ProviderHand
from faasd.gateway.autoscaler.watched import LATER
from faasd.gateway.provider import ProviderClient
from faasd.router.tally import FunctionStats
from tests.unit.gateway.autoscaler.making import (
    ECHO,
    MemoryFunctions,
    MemoryHand,
    MemoryObstacles,
    by_load,
    entry,
    settle,
)
from tests.unit.gateway.twins import ScriptedProvider

KEY = str(ECHO)


@dataclass
class Stand:
    """An autoscaler whose seconds pass as the test says."""

    now: float = 1000.0
    functions: MemoryFunctions = field(default_factory=lambda: MemoryFunctions([entry()]))
    obstacles: MemoryObstacles = field(default_factory=MemoryObstacles)

    def __post_init__(self) -> None:
        self.hand = MemoryHand(self.functions)
        self.scaler = Autoscaler(self.functions, self.hand, self.obstacles, clock=lambda: self.now)

    async def pass_seconds(self, seconds: int, *, requests: int = 0, current: int = 0) -> None:
        """Let so many looks happen, each of which sees the same."""
        for _ in range(seconds):
            self.now += 1
            self.scaler.look({ECHO: FunctionStats(requests=requests, current=current)}, "1@1")
            await settle()


def run(test: Callable[[Stand], Coroutine[None, None, None]]) -> Stand:
    async def running() -> Stand:
        stand = Stand()
        await test(stand)
        await stand.scaler.close()
        return stand

    return asyncio.run(running())


def test_a_function_that_rested_is_put_to_sleep_once() -> None:
    stand = run(lambda stand: stand.pass_seconds(60))

    assert stand.hand.asked == [(KEY, 0)]
    assert stand.scaler.done["slept"] == 1


def test_what_speaks_against_sleep_is_asked_for_again_later() -> None:
    async def test(stand: Stand) -> None:
        stand.obstacles.reason = "2 asynchronous calls wait for it"
        await stand.pass_seconds(60)
        assert stand.hand.asked == []
        assert stand.obstacles.asked <= 50 / LATER + 1
        stand.obstacles.reason = ""
        await stand.pass_seconds(10)
        assert stand.hand.asked == [(KEY, 0)]

    run(test)


def test_a_call_in_the_moment_of_sleep_wakes_the_function() -> None:
    async def test(stand: Stand) -> None:
        await stand.pass_seconds(30)
        assert stand.hand.asked == [(KEY, 0)]
        await stand.pass_seconds(1, requests=1, current=1)
        assert stand.hand.awakened == [KEY]

    run(test)


def test_a_provider_that_refuses_is_asked_again_later(caplog: pytest.LogCaptureFixture) -> None:
    async def test(stand: Stand) -> None:
        stand.hand.failure = Unavailable("away")
        await stand.pass_seconds(60)

    stand = run(test)
    assert 2 <= len(stand.hand.asked) <= 50 / LATER
    assert caplog.text.count("away") == 1


def test_a_function_that_was_deleted_meanwhile_is_no_trouble(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test(stand: Stand) -> None:
        stand.hand.failure = NotFound("gone")
        await stand.pass_seconds(12)
        stand.functions.told = []
        await stand.pass_seconds(12)

    stand = run(test)
    assert len(stand.hand.asked) <= 2
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def test_nothing_is_done_while_the_provider_is_away() -> None:
    async def test(stand: Stand) -> None:
        stand.functions.synced = False
        await stand.pass_seconds(60)
        assert stand.hand.asked == []
        stand.functions.synced = True
        await stand.pass_seconds(2)
        assert stand.hand.asked == [(KEY, 0)]

    run(test)


def test_nothing_is_begun_after_the_end() -> None:
    async def test(stand: Stand) -> None:
        await stand.pass_seconds(9)
        await stand.scaler.close()
        await stand.pass_seconds(30)

    assert run(test).hand.asked == []


def test_what_the_router_does_not_know_is_left_alone() -> None:
    async def test(stand: Stand) -> None:
        for _ in range(30):
            stand.now += 1
            stand.scaler.look({}, "1@1")
            await settle()

    assert run(test).hand.asked == []


def test_what_is_at_work_by_another_door_is_asked_to_sleep_again_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test(stand: Stand) -> None:
        stand.hand.failure = InUse("function echo.openfaas-fn is being called")
        await stand.pass_seconds(60)

    stand = run(test)
    assert 2 <= len(stand.hand.asked) <= 50 / LATER
    assert not [record for record in caplog.records if record.levelname == "WARNING"]
    assert stand.scaler.done["slept"] == 0


def test_what_was_changed_meanwhile_is_decided_anew_at_the_next_look() -> None:
    async def test(stand: Stand) -> None:
        stand.functions.told = [entry(1, by_load())]
        stand.hand.failure = InUse("function echo.openfaas-fn was changed meanwhile")
        await stand.pass_seconds(3, current=20)
        stand.hand.failure = None
        await stand.pass_seconds(1, current=20)

    assert run(test).hand.asked == [(KEY, 3)] * 3


def test_what_fits_of_the_replicas_is_taken_and_more_asked_for_later() -> None:
    async def test(stand: Stand) -> None:
        stand.functions.told = [entry(1, by_load())]
        stand.hand.room = 2
        await stand.pass_seconds(2, current=30)
        assert [told.replicas for told in stand.functions.told] == [2]
        await stand.pass_seconds(int(LATER) - 1, current=30)
        assert stand.hand.asked == [(KEY, 4)]
        stand.hand.room = 100
        await stand.pass_seconds(2, current=30)

    stand = run(test)
    assert [told.replicas for told in stand.functions.told] == [4]
    assert stand.scaler.done["up"] == 2


def test_the_provider_is_told_what_was_seen_and_tells_how_many_fit(
    provider: ScriptedProvider,
) -> None:
    async def test() -> int:
        client = ProviderClient(provider.url, None, timeout=5)
        hand = ProviderHand(client, MemoryHand(MemoryFunctions()))
        given = await hand.scale(entry(2, generation=7), 3)
        await client.close()
        return given

    assert asyncio.run(test()) == 2
    [asked] = provider.asked
    path = "/system/follow-load/echo?namespace=openfaas-fn"
    assert (asked.method, asked.path) == ("POST", path)
    assert json.loads(asked.body) == {"replicas": 3, "seen": {"generation": 7, "replicas": 2}}
