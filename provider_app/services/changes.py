"""Who is told that something of a function changed: its wanted state, a replica, a failure."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock

from provider_app.domain.function import FunctionKey


class Changes:
    """The functions that changed since they were last taken, for one thread that waits."""

    def __init__(self) -> None:
        self._news = Condition()
        self._keys: set[FunctionKey] = set()
        self._woken = False

    def add(self, key: FunctionKey) -> None:
        """Note that a function changed."""
        with self._news:
            self._keys.add(key)
            self._news.notify()

    def wake(self) -> None:
        """Let the waiting thread go on, though nothing may have changed."""
        with self._news:
            self._woken = True
            self._news.notify()

    def take(self, timeout: float) -> frozenset[FunctionKey]:
        """Wait until something changed, or no longer; return what did and forget it."""
        with self._news:
            self._news.wait_for(lambda: self._keys or self._woken, timeout)
            taken = frozenset(self._keys)
            self._keys.clear()
            self._woken = False
        return taken


class Watchers:
    """All who want to know. Telling is cheap, and never waits for them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._watching: list[Changes] = []

    @contextmanager
    def watch(self) -> Iterator[Changes]:
        """Collect changes for as long as the block runs."""
        changes = Changes()
        with self._lock:
            self._watching.append(changes)
        try:
            yield changes
        finally:
            with self._lock:
                self._watching.remove(changes)

    def tell(self, key: FunctionKey) -> None:
        """Let all know that a function changed."""
        with self._lock:
            for changes in self._watching:
                changes.add(key)

    def wake(self) -> None:
        """Let all of them look around."""
        with self._lock:
            for changes in self._watching:
                changes.wake()
