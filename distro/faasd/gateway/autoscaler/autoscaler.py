"""Looks at every function each second, and has done what is decided."""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from faasd.base.errors import FaasdError, InUse, InvalidInput, NotFound
from faasd.gateway.autoscaler.actions import Action, Clear, Scale, Sleep, Wake
from faasd.gateway.autoscaler.hand import Hand
from faasd.gateway.autoscaler.hurry import LEAST_REST, choose_hurried
from faasd.gateway.autoscaler.obstacles import Obstacles
from faasd.gateway.autoscaler.quiet import Look
from faasd.gateway.autoscaler.watched import Watched
from faasd.gateway.route_feed import RouteEntry
from faasd.router.tally import FunctionStats
from faasd.router.wanted import FunctionName

log = logging.getLogger(__name__)


class Functions(Protocol):
    """Which functions there are: `faasd.gateway.routes.Routes`."""

    @property
    def synced(self) -> bool:
        """Whether it is as the provider says now."""

    @property
    def pressed(self) -> bool:
        """Whether idle functions are to sleep before their time."""

    def entries(self) -> Sequence[RouteEntry]:
        """Return every function."""


class Autoscaler:
    """Decides at each look at the router's counters. Belongs to one event loop.

    What is not looked at is not scaled: where the router does not answer, nobody calls `look`;
    where the provider is away, what it wants is not known.

    Attributes:
        done: how often which kind of action was carried out, since the gateway began.
    """

    def __init__(
        self,
        functions: Functions,
        hand: Hand,
        obstacles: Obstacles,
        *,
        find_cpu: Callable[[str], float | None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`find_cpu` returns the thousandths of a core that ``NAME.NAMESPACE`` takes."""
        self._functions = functions
        self._hand = hand
        self._obstacles = obstacles
        self._find_cpu = find_cpu
        self._clock = clock
        self._watched: dict[str, Watched] = {}
        self._acting: dict[str, asyncio.Task[None]] = {}
        self._closed = False
        self.done = {"slept": 0, "up": 0, "down": 0}

    async def start(self) -> None:
        """Begin: what is looked at is acted upon."""

    async def close(self) -> None:
        """Break off what is under way; the next gateway decides anew."""
        self._closed = True
        for task in self._acting.values():
            task.cancel()
        await asyncio.gather(*self._acting.values(), return_exceptions=True)

    def look(self, stats: Mapping[FunctionName, FunctionStats], worker: str) -> None:
        """Take what the router counted, and begin what is to be done."""
        seen: dict[str, tuple[RouteEntry, Watched]] = {}
        for entry in self._functions.entries():
            counted = _find(stats, entry)
            if entry.policy is None or counted is None:
                continue
            watched = self._watched.get(entry.key) or Watched()
            watched.see(self._make_look(entry, counted, worker))
            seen[entry.key] = entry, watched
        self._watched = {key: watched for key, (_, watched) in seen.items()}
        if self._functions.synced and not self._closed:
            self._begin_all(seen)

    def _begin_all(self, seen: Mapping[str, tuple[RouteEntry, Watched]]) -> None:
        free = {key: both for key, both in seen.items() if key not in self._acting}
        hurried = self._choose_hurried(free) if self._functions.pressed else None
        for key, (entry, watched) in free.items():
            self._begin(entry, watched, LEAST_REST if key == hurried else math.inf)

    def _choose_hurried(self, free: Mapping[str, tuple[RouteEntry, Watched]]) -> str | None:
        found = {key: watched.find_quiet() for key, (_, watched) in free.items()}
        return choose_hurried({key: quiet for key, quiet in found.items() if quiet is not None})

    def _make_look(self, entry: RouteEntry, stats: FunctionStats, worker: str) -> Look:
        return Look(
            at=self._clock(),
            entry=entry,
            stats=stats,
            worker=worker,
            cpu=self._find_cpu(entry.key),
        )

    def _begin(self, entry: RouteEntry, watched: Watched, patience: float) -> None:
        action = watched.decide(patience)
        if action is None:
            return
        task = asyncio.create_task(self._act(entry, watched, action), name=f"scale {entry.key}")
        self._acting[entry.key] = task
        task.add_done_callback(lambda _: self._acting.pop(entry.key, None))

    async def _act(self, entry: RouteEntry, watched: Watched, action: Action) -> None:
        try:
            await self._carry_out(entry, watched, action)
        except NotFound as error:
            log.debug("%s is not scaled: %s", entry.key, error)
        except InUse as error:
            # What changed is seen at the next look. Calls by another door than ours are not.
            log.info("%s is not scaled: %s", entry.key, error)
            if isinstance(action, Sleep):
                watched.postpone(self._clock(), str(error))
        except FaasdError as error:
            if watched.postpone(self._clock(), str(error)):
                log.warning("%s is not scaled: %s", entry.key, error)

    async def _carry_out(self, entry: RouteEntry, watched: Watched, action: Action) -> None:
        match action:
            case Clear():
                await self._clear(entry, watched)
            case Sleep():
                await self._hand.scale(entry, 0)
                self.done["slept"] += 1
                watched.has_slept(self._clock())
                log.info("%s sleeps: nobody called it for %g s", entry.key, watched.rested)
            case Wake():
                await self._hand.awaken(entry.key)
                log.info("%s is woken: a call came when it was put to sleep", entry.key)
            case Scale(replicas=replicas, load=load):
                with watched.asking(replicas):
                    given = await self._hand.scale(entry, replicas)
                self.done["up" if replicas > entry.replicas else "down"] += 1
                said = (entry.key, entry.replicas, given, load)
                log.info("%s is scaled from %d to %d, its load is %.4g", *said)
                if given < replicas and watched.postpone(self._clock(), "no memory for more"):
                    log.warning("%s needs %d replicas: no memory is left", entry.key, replicas)

    async def _clear(self, entry: RouteEntry, watched: Watched) -> None:
        """Let a function sleep at the next look, unless something speaks against it."""
        reason = await self._obstacles.find(entry.key)
        if not reason:
            watched.clear(self._clock())
        elif watched.postpone(self._clock(), reason):
            log.info("%s does not sleep yet: %s", entry.key, reason)


def _find(stats: Mapping[FunctionName, FunctionStats], entry: RouteEntry) -> FunctionStats | None:
    """Return what is counted of a function; None while the router does not know it."""
    try:
        return stats.get(FunctionName(name=entry.function, namespace=entry.namespace))
    except InvalidInput:  # of no name that the router could have
        return None
