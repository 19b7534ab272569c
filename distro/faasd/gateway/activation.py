"""Waking functions: one activation a function, however many callers wait for it."""

import asyncio
import contextlib
import logging
import operator
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from faasd.base.errors import FaasdError, NotFound, Overloaded, TimedOut, Unavailable
from faasd.gateway.activator_settings import ActivatorSettings
from faasd.gateway.activator_waker import Waker
from faasd.gateway.route_feed import RouteEntry
from faasd.gateway.routes_table import Failing, Until

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two tries to ask a provider that does not answer; the pause doubles."""
ASK_SECONDS = 5.0
"""A provider that took the question and is silent for so long is asked again."""
SLEEPS_ON = 1.0
"""Seconds after which a function that was woken, and still counts as asleep, is woken again."""
DOUBT = 0.25
"""Seconds that the routes get to show why a replica that is in them takes no connection."""

log = logging.getLogger(__name__)


class RouteView(Protocol):
    """What is read of `Routes`."""

    @property
    def synced(self) -> bool: ...  # noqa: D102
    def find(self, key: str, /) -> RouteEntry | None: ...  # noqa: D102
    def find_failing(self, key: str, /) -> Failing | None: ...  # noqa: D102
    async def wait(  # noqa: D102
        self, key: str, until: Until, timeout: float | None
    ) -> RouteEntry | None: ...


@dataclass(slots=True)
class _Activation:
    """One function that is being woken: who waits, and what will come of it."""

    outcome: asyncio.Task[RouteEntry]
    callers: int = 0
    trouble: FaasdError | None = None


class Activations:
    """Wakes functions, and lets callers wait for them. Belongs to one event loop.

    Attributes:
        waiting: callers that wait now.
        asked: how often the provider was asked to wake a function.
    """

    def __init__(self, routes: RouteView, waker: Waker, settings: ActivatorSettings) -> None:
        self.waiting = 0
        self.asked = 0
        self._routes = routes
        self._waker = waker
        self._settings = settings
        self._activations: dict[str, _Activation] = {}
        self._outcomes: set[asyncio.Task[RouteEntry]] = set()
        self._closed = False

    async def wait(self, key: str, until: float, doubted: RouteEntry | None = None) -> RouteEntry:
        """Return the function once it has live replicas; wake it where need be.

        Args:
            key: ``NAME.NAMESPACE``.
            until: when to give up, on the event loop's clock.
            doubted: what the routes said, and was found wrong: nobody took the connection.

        Raises:
            Overloaded: too many callers wait.
            NotFound: there is no such function.
            Unavailable: it failed, or the provider cannot be asked.
            TimedOut: it took too long.
        """
        with self._place(key, doubted) as activation:
            try:
                async with asyncio.timeout_at(until):
                    return await asyncio.shield(activation.outcome)
            except TimeoutError:
                raise self._late(key, activation) from None
            except asyncio.CancelledError:
                if self._closed and activation.outcome.cancelled():
                    raise _ending() from None
                raise

    async def close(self) -> None:
        """Let every caller that still waits go, with an error, and take no more."""
        self._closed = True
        for outcome in self._outcomes:
            outcome.cancel()
        await asyncio.gather(*self._outcomes, return_exceptions=True)

    @contextlib.contextmanager
    def _place(self, key: str, doubted: RouteEntry | None) -> Iterator[_Activation]:
        """Take a place in the queue of a function; the last one to leave ends its activation."""
        if self._closed:
            raise _ending()
        activation = self._activations.get(key)
        callers = 0 if activation is None else activation.callers
        most = self._settings
        if callers >= most.waiting_each:
            raise Overloaded(f"{callers} calls wait for function {key} already, try again")
        if self.waiting >= most.waiting_all:
            raise Overloaded(f"{self.waiting} calls wait for functions already, try again")
        activation = activation or self._begin(key, doubted)
        activation.callers += 1
        self.waiting += 1
        try:
            yield activation
        finally:
            activation.callers -= 1
            self.waiting -= 1
            if activation.callers == 0:
                activation.outcome.cancel()
                self._end(key, activation)

    def _begin(self, key: str, doubted: RouteEntry | None) -> _Activation:
        outcome = asyncio.create_task(self._activate(key, doubted), name=f"activate {key}")
        activation = self._activations[key] = _Activation(outcome)
        self._outcomes.add(outcome)
        outcome.add_done_callback(self._outcomes.discard)
        outcome.add_done_callback(lambda _: self._end(key, activation))
        return activation

    def _end(self, key: str, activation: _Activation) -> None:
        """Let the next caller begin anew."""
        if self._activations.get(key) is activation:
            del self._activations[key]

    def _late(self, key: str, activation: _Activation) -> FaasdError:
        if activation.trouble is not None:
            return Unavailable(str(activation.trouble))
        if self._routes.find(key) is None:
            return Unavailable("the gateway does not know the provider's functions yet, try again")
        return TimedOut(
            f"function {key} did not become ready within {self._settings.wait_seconds:g} s"
        )

    async def _activate(self, key: str, doubted: RouteEntry | None) -> RouteEntry:
        await self._get_known(key)
        waking = asyncio.create_task(self._keep_awake(key, doubted))
        deciding = asyncio.create_task(self._decide(key, doubted))
        try:
            await asyncio.wait((waking, deciding), return_when=asyncio.FIRST_COMPLETED)
            return deciding.result() if deciding.done() else waking.result()
        finally:
            for task in (waking, deciding):
                task.cancel()
            await asyncio.gather(waking, deciding, return_exceptions=True)

    async def _get_known(self, key: str) -> None:
        """Wait for the routes to know a function; what the router knows, they will know soon."""
        wait = self._routes.wait
        await wait(key, lambda entry: entry is not None or self._routes.synced, None)
        seconds = self._settings.unknown_seconds
        if await wait(key, lambda entry: entry is not None, seconds) is None:
            raise _unknown(key)

    async def _keep_awake(self, key: str, doubted: RouteEntry | None) -> RouteEntry:
        """Wake a function whenever it is asleep, until cancelled.

        Ends with an error, or with what the provider says itself: that it takes calls already.
        """
        pause, unsure = FIRST_PAUSE, doubted is not None or not self._routes.synced
        while True:
            entry = self._routes.find(key)
            if unsure or _sleeps(entry):
                awakened = await self._ask(key)
                if awakened and entry is not None:
                    return replace(entry, replicas=len(awakened), available=awakened)
                if awakened is None:
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
                    continue
                pause, unsure = FIRST_PAUSE, False
                await self._routes.wait(key, lambda entry: not _sleeps(entry), SLEEPS_ON)
            else:
                await self._routes.wait(key, _sleeps, None)

    async def _ask(self, key: str) -> tuple[str, ...] | None:
        """Return what the waker says, or None where it could not be asked."""
        awakened: tuple[str, ...] | None = None
        activation = self._activations.get(key)
        trouble: FaasdError | None = None
        try:
            self.asked += 1
            async with asyncio.timeout(ASK_SECONDS):
                awakened = await self._waker.awaken(key)
        except (Unavailable, Overloaded, TimedOut) as error:
            trouble = error
        except TimeoutError:
            trouble = Unavailable(f"the provider does not answer within {ASK_SECONDS:g} s")
        if trouble is not None:
            log.warning("%s cannot be woken yet: %s", key, trouble)
        if activation is not None:
            activation.trouble = trouble
        return awakened

    async def _decide(self, key: str, doubted: RouteEntry | None) -> RouteEntry:
        """Wait until there are live replicas, or no hope."""
        if doubted is not None:
            await self._routes.wait(key, partial(operator.is_not, doubted), DOUBT)
        while (entry := self._routes.find(key)) is not None:
            if entry.live:
                return entry
            patience = self._patience(key)
            if patience is not None and patience <= 0:
                raise Unavailable(f"function {key} cannot be started: {entry.reason}")
            await self._routes.wait(key, partial(operator.is_not, entry), patience)
        raise _unknown(key)

    def _patience(self, key: str) -> float | None:
        """Return for how long a failed function may be hoped for; None for one that is not.

        The provider tries one that failed again at once, and then ever later. So a failure is
        told to callers when the next try has failed too, or when it has lasted.
        """
        failing = self._routes.find_failing(key)
        if failing is None:
            return None
        if failing.again:
            return 0.0
        return failing.since + self._settings.failed_seconds - time.monotonic()


def _sleeps(entry: RouteEntry | None) -> bool:
    return entry is not None and entry.replicas == 0


def _ending() -> Unavailable:
    return Unavailable("the gateway is ending, try again")


def _unknown(key: str) -> NotFound:
    return NotFound(f"there is no function {key} on this node")
