"""When memory is short, who has been idle the longest sleeps before its time."""

import asyncio
from dataclasses import dataclass, field, replace

from faasd.gateway.autoscaler.autoscaler import Autoscaler
from faasd.gateway.autoscaler.hurry import LEAST_REST, choose_hurried
from faasd.gateway.autoscaler.policy import Policy
from faasd.gateway.autoscaler.quiet import Quiet
from faasd.gateway.route_feed import RouteEntry
from faasd.router.tally import FunctionStats
from faasd.router.wanted import FunctionName
from tests.unit.gateway.autoscaler.making import (
    MemoryFunctions,
    MemoryHand,
    MemoryObstacles,
    by_load,
    entry,
    look,
    settle,
)

PATIENT = Policy(least=1, most=20, idle=900.0)
NAMES = ("early", "late", "busy")


def quiet(since: float, at: float = 100.0, told: RouteEntry | None = None) -> Quiet:
    return Quiet(since=since, last=look(at, told=told or entry(policy=PATIENT)))


def test_the_longest_idle_of_those_that_may_sleep_is_chosen() -> None:
    assert choose_hurried({"a": quiet(50), "b": quiet(20), "c": quiet(60)}) == "b"
    assert choose_hurried({"a": quiet(100 - LEAST_REST)}) == "a"


def test_who_was_just_called_sleeps_already_or_may_not_sleep_is_not() -> None:
    asleep, awake_for_ever = entry(0, PATIENT), entry(policy=by_load())

    assert choose_hurried({}) is None
    assert choose_hurried({"a": quiet(100 - LEAST_REST + 1)}) is None
    assert choose_hurried({"a": quiet(0, told=asleep)}) is None
    assert choose_hurried({"a": quiet(0, told=awake_for_ever)}) is None
    assert choose_hurried({"a": quiet(0, told=entry(policy=None))}) is None


class ManyHand(MemoryHand):
    """Does what is asked to one of several functions."""

    async def scale(self, told: RouteEntry, replicas: int) -> int:
        self.asked.append((told.key, replicas))
        self.functions.told = [
            replace(one, replicas=replicas, state="asleep") if one.key == told.key else one
            for one in self.functions.told
        ]
        return replicas


@dataclass
class Stand:
    """Three functions, one of which is called each second."""

    now: float = 1000.0
    calls: int = 0
    functions: MemoryFunctions = field(
        default_factory=lambda: MemoryFunctions(
            [entry(policy=PATIENT, function=name) for name in NAMES]
        )
    )
    obstacles: MemoryObstacles = field(default_factory=MemoryObstacles)

    def __post_init__(self) -> None:
        self.hand = ManyHand(self.functions)
        self.scaler = Autoscaler(self.functions, self.hand, self.obstacles, clock=lambda: self.now)

    async def pass_seconds(self, seconds: int, late: int = 0) -> None:
        for _ in range(seconds):
            self.now += 1
            self.calls += 1
            counts = {"early": 0, "late": late, "busy": self.calls}
            stats = {
                FunctionName(name=name): FunctionStats(requests=count, current=0)
                for name, count in counts.items()
            }
            self.scaler.look(stats, "1@1")
            await settle()


def test_one_after_the_other_falls_asleep_while_memory_is_short_and_no_other() -> None:
    async def test() -> list[tuple[str, int]]:
        stand = Stand()
        await stand.pass_seconds(60)
        await stand.pass_seconds(60, late=1)
        assert stand.hand.asked == []
        stand.functions.pressed = True
        await stand.pass_seconds(2, late=1)
        assert [key for key, _ in stand.hand.asked] == ["early.openfaas-fn"]
        await stand.pass_seconds(20, late=1)
        await stand.scaler.close()
        return stand.hand.asked

    assert asyncio.run(test()) == [("early.openfaas-fn", 0), ("late.openfaas-fn", 0)]


def test_one_that_something_speaks_against_lets_the_next_go_first() -> None:
    async def test() -> list[tuple[str, int]]:
        stand = Stand()
        await stand.pass_seconds(60)
        await stand.pass_seconds(60, late=1)
        stand.functions.pressed = True
        stand.obstacles.reason = "1 asynchronous calls wait for it"
        await stand.pass_seconds(1, late=1)
        stand.obstacles.reason = ""
        await stand.pass_seconds(2, late=1)
        await stand.scaler.close()
        return stand.hand.asked

    assert asyncio.run(test()) == [("late.openfaas-fn", 0)]


def test_who_falls_asleep_stops_when_memory_is_there_again() -> None:
    async def test() -> list[tuple[str, int]]:
        stand = Stand()
        await stand.pass_seconds(60)
        stand.functions.pressed = True
        await stand.pass_seconds(2)
        stand.functions.pressed = False
        await stand.pass_seconds(60)
        await stand.scaler.close()
        return stand.hand.asked

    assert asyncio.run(test()) == [("early.openfaas-fn", 0)]
