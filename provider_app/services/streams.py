"""Answers that go on for long, each of which holds a thread: how many, and until when."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

from faasd.base.errors import Overloaded

LOOK_EVERY = 0.2
"""Seconds between looks for something new to pass on; also how soon an ending is noticed."""


class Streams:
    """Long answers under way, at most so many at once. Their threads are beside all others."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._lock = Lock()
        self._ended = Event()
        self._taken = 0

    @property
    def ended(self) -> bool:
        """Whether all of them shall end."""
        return self._ended.is_set()

    @property
    def taken(self) -> int:
        """How many are under way."""
        return self._taken

    @contextmanager
    def place(self, what: str) -> Iterator[None]:
        """Take a place for as long as the block runs.

        Raises:
            Overloaded: there is none left.
        """
        with self._lock:
            if self._taken >= self._places:
                raise Overloaded(f"{self._places} answers like {what} are under way, all there are")
            self._taken += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken -= 1

    def wait(self, caller: int | None) -> bool:
        """Wait a moment; tell whether to go on: nothing ended, and the caller is still there.

        Args:
            caller: descriptor of the connection, where it is known.
        """
        if caller is None:
            return not self._ended.wait(LOOK_EVERY)
        left = select.poll()
        left.register(caller, select.POLLRDHUP)  # With POLLHUP and POLLERR, which it always tells.
        return not left.poll(LOOK_EVERY * 1000) and not self._ended.is_set()

    def end(self) -> None:
        """Let all of them end soon; safe in a signal's handler."""
        self._ended.set()
