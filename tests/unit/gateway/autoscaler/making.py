"""Functions, looks and policies for the autoscaler's tests, and what it acts on."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from faasd.base.errors import FaasdError
from faasd.base.load import ByLoad, LoadType
from faasd.gateway.autoscaler.policy import Policy
from faasd.gateway.autoscaler.quiet import Look
from faasd.gateway.route_feed import RouteEntry
from faasd.router.tally import FunctionStats
from faasd.router.wanted import FunctionName

ECHO = FunctionName(name="echo")
SLEEPY = Policy(least=1, most=20, idle=10.0)


def by_load(
    kind: LoadType = LoadType.CAPACITY, each: float = 9.0, step: int = 4, most: int = 20
) -> Policy:
    return Policy(least=1, most=most, by_load=ByLoad(type=kind, each=each, step=step))


def entry(replicas: int = 1, policy: Policy | None = SLEEPY, **changes: object) -> RouteEntry:
    made = RouteEntry(
        function="echo",
        namespace="openfaas-fn",
        replicas=replicas,
        available=("127.0.0.2",) if replicas else (),
        state="ready" if replicas else "asleep",
        reason="",
        generation=1,
        policy=policy,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # as the test says


def look(
    at: float,
    *,
    requests: int = 0,
    current: int = 0,
    worker: str = "1@1",
    told: RouteEntry | None = None,
) -> Look:
    stats = FunctionStats(requests=requests, current=current)
    return Look(at=at, entry=told or entry(), stats=stats, worker=worker)


@dataclass
class MemoryHand:
    """Does at once what is asked, or fails as it is told to."""

    functions: "MemoryFunctions"
    asked: list[tuple[str, int]] = field(default_factory=list)
    awakened: list[str] = field(default_factory=list)
    failure: FaasdError | None = None
    room: int = 100

    async def scale(self, told: RouteEntry, replicas: int) -> int:
        self.asked.append((told.key, replicas))
        if self.failure is not None:
            raise self.failure
        given = min(replicas, max(self.room, told.replicas))
        self.functions.told = [entry(given, told.policy, function=told.function)]
        return given

    async def awaken(self, key: str) -> tuple[str, ...]:
        self.awakened.append(key)
        return ()


@dataclass
class MemoryFunctions:
    """What the provider tells."""

    told: Sequence[RouteEntry] = ()
    synced: bool = True
    pressed: bool = False

    def entries(self) -> Sequence[RouteEntry]:
        return self.told


@dataclass
class MemoryObstacles:
    """What speaks against sleep."""

    reason: str = ""
    asked: int = 0

    async def find(self, _key: str) -> str:
        self.asked += 1
        return self.reason


async def settle() -> None:
    """Let tasks that wait for nothing end."""
    for _ in range(5):
        await asyncio.sleep(0)
