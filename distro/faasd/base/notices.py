"""Tells systemd how a program is (sd_notify(3)); who was not started by systemd tells nobody.

The protocol is one datagram with lines of words; Debian's library for it costs more memory than
the program that mostly waits has.
"""

import os
import socket
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field

_ADDRESS, _WATCHDOG, _WATCHED = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"
_BEATS = 3
"""Signs of life in the time after which systemd takes a program for hung: one may be late."""

_USUAL_PAUSE = 10.0
_MICROSECONDS = 1_000_000


@dataclass(slots=True, kw_only=True)
class Notices:
    """What one program tells of itself; from one thread at a time.

    Attributes:
        address: of systemd's socket; empty where nobody listens.
        pause: seconds from one sign of life to the next.
    """

    address: str = ""
    pause: float = _USUAL_PAUSE
    _status: str = field(default="", init=False)
    _next: float = field(default=0.0, init=False)

    def __bool__(self) -> bool:
        """Tell whether anybody listens."""
        return bool(self.address)

    def tell_status(self, sentence: str) -> None:
        """Show a sentence in `systemctl status`."""
        if sentence != self._status:
            self._status = sentence
            self._send(f"STATUS={sentence}")

    def tell_ready(self) -> None:
        """Say that it serves, for the first time or again after a reload."""
        self._send("READY=1")

    def tell_reloading(self, now: float) -> None:
        """Say that it reads its configuration again, until `tell_ready`.

        Args:
            now: seconds of the monotonic clock.
        """
        self._send(f"RELOADING=1\nMONOTONIC_USEC={int(now * _MICROSECONDS)}")

    def tell_stopping(self) -> None:
        """Say that the whole program begins to end."""
        self._send("STOPPING=1")

    def beat(self, now: float, *, extend: float = 0.0) -> None:
        """Give a sign of life, if the last was a `pause` ago.

        Args:
            now: seconds of the monotonic clock.
            extend: seconds by which a start or a reload may last longer from now on.
        """
        if now < self._next:
            return
        self._next = now + self.pause
        longer = f"\nEXTEND_TIMEOUT_USEC={int(extend * _MICROSECONDS)}" if extend else ""
        self._send(f"WATCHDOG=1{longer}")

    def _send(self, words: str) -> None:
        """Send; systemd that does not take it now must hinder nothing."""
        if not self.address:
            return
        name = f"\0{self.address[1:]}" if self.address[0] == "@" else self.address
        with (
            suppress(OSError),  # No file descriptor left for it, too.
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender,
        ):
            sender.setblocking(False)  # noqa: FBT003  # the library's only form
            sender.sendto(words.encode(), name)


def take_notices(environment: MutableMapping[str, str]) -> Notices:
    """Return what tells systemd, by what it has put into the environment.

    It is taken out: no program that this one starts may speak in its name.
    """
    address = environment.pop(_ADDRESS, "")
    length, process = environment.pop(_WATCHDOG, ""), environment.pop(_WATCHED, "")
    if not address.startswith(("/", "@")):
        return Notices()
    if length.isdecimal() and int(length) and process in ("", str(os.getpid())):
        return Notices(address=address, pause=int(length) / _MICROSECONDS / _BEATS)
    return Notices(address=address)
