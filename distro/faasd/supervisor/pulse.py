"""Signs of life of a run of the supervisor, by a pipe to the `faasd up` that started it.

The run gives one in each turn of its loop and before each thing it does: what is still alive but
does no more work gives none.
"""

import os
import selectors
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ENVIRONMENT = "faasd_pulse"
"""Holds the number of the pipe's descriptor. Who does not know it simply gives no sign."""

_TURN, _IMAGES = b"t", b"i"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds of silence after which a run counts as hung.

    Attributes:
        turn: for one start or stop of a container, whose steps all have limits of their own.
        images: while images are fetched and unpacked; a registry has an hour for one.
    """

    turn: float = 300.0
    images: float = 7200.0


class Pulse:
    """The run's end of the pipe."""

    def __init__(self, descriptor: int = -1) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, environment: MutableMapping[str, str]) -> Self:
        """Return what the environment names, for this process alone; a dumb one where none is."""
        number = environment.pop(ENVIRONMENT, "")
        if not number.isdecimal() or not Path(f"/proc/self/fd/{number}").exists():
            return cls()
        os.set_inheritable(int(number), False)  # noqa: FBT003  # the library's only form
        return cls(int(number))

    def beat(self) -> None:
        """Give a sign of life."""
        self._write(_TURN)

    def begin_images(self) -> None:
        """Give one, and say that the next may be long in coming."""
        self._write(_IMAGES)

    def _write(self, sign: bytes) -> None:
        if self._descriptor >= 0:
            with suppress(OSError):  # Full, or nobody listens any more.
                os.write(self._descriptor, sign)


class Heard:
    """The other end: a selector wakes with each sign, and `is_hung` tells when they cease."""

    def __init__(self, selector: selectors.BaseSelector, patience: Patience, now: float) -> None:
        self._selector = selector
        self._patience = patience
        self._ours, self.theirs = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.due = now + patience.turn
        selector.register(self._ours, selectors.EVENT_READ)

    def environment(self, own: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of the run, to which `theirs` must be passed on."""
        return {**own, ENVIRONMENT: str(self.theirs)}

    def let_go(self) -> None:
        """Close the run's end here, once it has its own."""
        os.close(self.theirs)
        self.theirs = -1

    def is_hung(self, now: float) -> bool:
        """Take what came; tell whether too long nothing did. It is told once in that time."""
        with suppress(BlockingIOError):
            if signs := os.read(self._ours, 4096):
                last = self._patience.images if signs.endswith(_IMAGES) else self._patience.turn
                self.due = now + last
            else:
                self._forget()  # The run has closed its end: it is about to be gone.
        if now < self.due:
            return False
        self.due = now + self._patience.turn
        return True

    def close(self) -> None:
        """Let go of the pipe."""
        self._forget()
        os.close(self._ours)
        if self.theirs >= 0:
            self.let_go()

    def _forget(self) -> None:
        """A pipe at its end is readable for ever."""
        with suppress(KeyError):
            self._selector.unregister(self._ours)
