"""Which functions are to be looked at, and when. Thread-safe."""

import time
from collections.abc import Iterable, Sequence
from threading import Condition

from provider_app.domain.function import FunctionKey


class Agenda:
    """Functions that are due; one that is being looked at is never handed out again meanwhile."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._due: dict[FunctionKey, float] = {}
        self._busy: set[FunctionKey] = set()
        self._everything_at = time.monotonic()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nothing is handed out any more."""
        return self._closed

    def add(self, keys: Iterable[FunctionKey], at: float | None = None) -> None:
        """Let functions be looked at at a time of the monotonic clock, or now."""
        at = time.monotonic() if at is None else at
        with self._changed:
            for key in keys:
                self._due[key] = min(at, self._due.get(key, at))
            self._changed.notify_all()

    def add_everything(self) -> None:
        """Let all there is be looked at now."""
        with self._changed:
            self._everything_at = min(time.monotonic(), self._everything_at)
            self._changed.notify_all()

    def set_everything(self, at: float) -> None:
        """Put off when all there is is looked at."""
        with self._changed:
            self._everything_at = at

    def next(self) -> tuple[bool, Sequence[FunctionKey]]:
        """Wait until something is due; return whether all there is, and which functions.

        The functions count as being looked at until `done`. After `close` nothing is due.
        """
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                everything = self._everything_at <= now
                keys = [k for k, at in self._due.items() if at <= now and k not in self._busy]
                if everything or keys:
                    for key in keys:
                        del self._due[key]
                    self._busy.update(keys)
                    return everything, keys
                self._changed.wait(self._pause(now))
        return False, ()

    def take(self, key: FunctionKey) -> bool:
        """Count a function as being looked at until `done`; tell whether nobody looked at it."""
        with self._changed:
            if self._closed or key in self._busy:
                return False
            self._busy.add(key)
            return True

    def late(self, now: float) -> float:
        """Return for how many seconds something has been due that nobody took; 0 for nothing."""
        with self._changed:
            return max(0.0, now - self._earliest())

    def is_busy(self, namespace: str) -> bool:
        """Tell whether a function of a namespace is due now, or being looked at."""
        with self._changed:
            now = time.monotonic()
            due = any(key.namespace == namespace and at <= now for key, at in self._due.items())
            return due or any(key.namespace == namespace for key in self._busy)

    def done(self, key: FunctionKey) -> None:
        """Note that a function was looked at."""
        with self._changed:
            self._busy.discard(key)
            self._changed.notify_all()

    def close(self) -> None:
        """Hand out nothing any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _pause(self, now: float) -> float:
        return max(self._earliest() - now, 0.0)

    def _earliest(self) -> float:
        waiting = [at for key, at in self._due.items() if key not in self._busy]
        return min([self._everything_at, *waiting])
