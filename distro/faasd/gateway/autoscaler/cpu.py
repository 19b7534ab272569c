"""How much of the processor functions take, asked of the provider each second."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from faasd.base.errors import BadAnswer, FaasdError
from faasd.base.load import LoadType
from faasd.gateway.provider import ProviderClient
from faasd.gateway.route_feed import RouteEntry

PATH = "/system/cpu"
EVERY = 1.0
FRESH = 3.0
"""Seconds for which a reading tells of now."""

Times = Mapping[str, Mapping[str, int]]
"""Nanoseconds that each container took since its start, by function."""

log = logging.getLogger(__name__)


class Functions(Protocol):
    """Which functions there are: `faasd.gateway.routes.Routes`."""

    def entries(self) -> Sequence[RouteEntry]:
        """Return every function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was told at one moment, and the thousandths of a core since the one before."""

    at: float
    times: Times = field(default_factory=dict)
    taken: Mapping[str, float] = field(default_factory=dict)


def advance(before: Reading | None, at: float, times: Times) -> Reading:
    """Return the next reading.

    A container is counted by what it took since the reading before; one that is new, or began
    anew, from the next one on. Of a function without any container in both nothing is known: its
    containers were replaced, or could not be read, which is not the same as being idle.
    """
    if before is None or at <= before.at or at - before.at > FRESH:
        return Reading(at=at, times=times)
    taken = {
        key: sum(_grown(before.times[key], containers)) / 1e6 / (at - before.at)
        for key, containers in times.items()
        if before.times.get(key, {}).keys() & containers.keys()
    }
    return Reading(at=at, times=times, taken=taken)


def _grown(before: Mapping[str, int], now: Mapping[str, int]) -> list[int]:
    return [max(now[name] - before[name], 0) for name in now if name in before]


class Cpu:
    """Asks, while there is a function that is scaled by it. Belongs to one event loop."""

    def __init__(
        self,
        functions: Functions,
        provider: ProviderClient,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._functions = functions
        self._provider = provider
        self._clock = clock
        self._reading: Reading | None = None
        self._trouble = ""
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to ask."""
        self._running = asyncio.create_task(self._ask_for_ever(), name="cpu")

    async def close(self) -> None:
        """Ask no more."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running

    def find(self, key: str) -> float | None:
        """Return the thousandths of a core that ``NAME.NAMESPACE`` takes; None if not known."""
        reading = self._reading
        if reading is None or self._clock() - reading.at > FRESH:
            return None
        return reading.taken.get(key)

    async def _ask_for_ever(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            if any(_is_scaled_by_cpu(entry) for entry in self._functions.entries()):
                await self.ask()

    async def ask(self) -> None:
        """Ask once; what the provider does not tell stays unknown."""
        try:
            answer = await self._provider.ask("GET", PATH)
            times = _parse(answer.status, answer.body)
        except FaasdError as error:
            if str(error) != self._trouble:
                log.warning("functions are not scaled by cpu: %s", error)
            self._trouble = str(error)
        else:
            self._trouble = ""
            self._reading = advance(self._reading, self._clock(), times)


def _is_scaled_by_cpu(entry: RouteEntry) -> bool:
    by_load = entry.policy.by_load if entry.policy is not None else None
    return by_load is not None and by_load.type is LoadType.CPU and entry.replicas > 0


def _parse(status: int, body: bytes) -> Times:
    if status != 200:  # noqa: PLR2004
        raise BadAnswer(f"the provider answered {status} to {PATH}; see its log")
    try:
        told = json.loads(body)
        return {
            str(key): {str(name): int(spent) for name, spent in containers.items()}
            for key, containers in told.items()
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise BadAnswer(f"the provider tells of cpu in a way unknown: {body[:80]!r}") from error
