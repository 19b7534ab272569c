"""Every function as last told, and those who wait for one of them to change."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from faasd.gateway.route_feed import Gone, Heartbeat, News, RouteEntry, Synced

Until = Callable[[RouteEntry | None], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A function that is failed, without a break.

    Attributes:
        since: when it was first told, on the table's clock.
        again: its reason has changed since: another try failed as well.
    """

    since: float
    again: bool = False


class RouteTable:
    """What a stream of news comes to. Belongs to one event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.synced = False
        self.pressed = False
        self._clock = clock
        self._entries: dict[str, RouteEntry] = {}
        self._failing: dict[str, Failing] = {}
        self._told: set[str] = set()
        self._waiting: dict[str, dict[asyncio.Future[None], Until]] = {}

    def find(self, key: str) -> RouteEntry | None:
        """Return a function, or None."""
        return self._entries.get(key)

    def find_failing(self, key: str) -> Failing | None:
        """Return since when a function is failed, or None when it is not."""
        return self._failing.get(key)

    def entries(self) -> Sequence[RouteEntry]:
        """Return every function."""
        return list(self._entries.values())

    def begin(self) -> None:
        """A new stream begins: it tells all there is, and then that this was all."""
        self.synced = self.pressed = False
        self._told.clear()

    def end(self) -> None:
        """The stream has ended: what was told is kept, but may be old."""
        self.synced = self.pressed = False

    def hear(self, news: News) -> None:
        """Take one line in, and wake those who waited for it."""
        match news:
            case RouteEntry():
                self._told.add(news.key)
                self._put(news)
            case Gone(key=key):
                self._drop(key)
            case Synced(pressed=pressed):
                self.pressed = pressed
                self._sync()
            case Heartbeat():
                pass

    async def wait(self, key: str, until: Until, timeout: float | None) -> RouteEntry | None:
        """Wait until something holds of a function, and return it as it is then or at the end.

        `until` is asked when the function changes or goes and when all has been told, and is given
        None for one that is not known. After `timeout` seconds what there is, is returned.
        """
        entry = self.find(key)
        if until(entry):
            return entry
        changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(key, {})
        waiting[changed] = until
        try:
            await asyncio.wait((changed,), timeout=timeout)
        finally:
            waiting.pop(changed, None)
            if not waiting and self._waiting.get(key) is waiting:
                del self._waiting[key]
        return self.find(key)

    def _put(self, entry: RouteEntry) -> None:
        before = self._entries.get(entry.key)
        if before == entry:
            return
        self._entries[entry.key] = entry
        self._note_failing(entry, before)
        self._wake(entry.key)

    def _note_failing(self, entry: RouteEntry, before: RouteEntry | None) -> None:
        known = self._failing.get(entry.key)
        if entry.state != "failed":
            self._failing.pop(entry.key, None)
        elif known is None or before is None or entry.generation != before.generation:
            self._failing[entry.key] = Failing(since=self._clock())
        elif entry.reason != before.reason:
            self._failing[entry.key] = Failing(since=known.since, again=True)

    def _drop(self, key: str) -> None:
        self._told.discard(key)
        self._failing.pop(key, None)
        if self._entries.pop(key, None) is not None:
            self._wake(key)

    def _sync(self) -> None:
        """All there is has been told: what was not, is no more."""
        self.synced = True
        for key in self._entries.keys() - self._told:
            self._drop(key)
        for key in list(self._waiting):
            self._wake(key)

    def _wake(self, key: str) -> None:
        entry = self.find(key)
        for changed, until in self._waiting.get(key, {}).items():
            if not changed.done() and until(entry):
                changed.set_result(None)
