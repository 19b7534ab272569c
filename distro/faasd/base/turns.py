"""One at a time, for each of many things."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from weakref import WeakValueDictionary


class Turns:
    """Lets threads of this process take turns at the same thing."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._turns: WeakValueDictionary[tuple[str, ...], Lock] = WeakValueDictionary()

    @contextmanager
    def take(self, *thing: str) -> Iterator[None]:
        """Wait until nobody else is at the thing, and keep others from it."""
        with self._guard:
            turn = self._turns.setdefault(thing, Lock())
        with turn:
            yield
