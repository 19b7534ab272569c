"""HAProxy's datagrams, as bytes: one line for one request. Pure; docs/router.md has the format."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field

_FINE = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5)
BOUNDS = (*_FINE, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Seconds: those of the Prometheus client for Go, and some beside them for a faster router."""
MOST_GROUPS = 10_000
"""Of a function's name and a status, between two takings; more are not counted one by one."""

_FIELDS = 13
_BOUNDS_MS = tuple(round(bound * 1000, 3) for bound in BOUNDS)


@dataclass(slots=True)
class Times:
    """How many requests took how long: a count for each of `BOUNDS`, and one for longer."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    milliseconds: int = 0

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self.buckets)

    def add(self, milliseconds: int) -> None:
        """Count one more."""
        self.buckets[bisect_left(_BOUNDS_MS, milliseconds)] += 1
        self.milliseconds += milliseconds


Group = tuple[bytes, bytes]
"""A function as the caller called it, and the status."""


class Lines:
    """Gathers lines by function and status."""

    def __init__(self) -> None:
        self._groups: dict[Group, Times] = {}

    def add(self, line: bytes) -> None:
        """Take one datagram; what is no request of a function is passed over.

        A worker that is being replaced passes requests to its successor, and both tell of them:
        only the one whose backend is a function's counts.
        """
        # The last field is the caller's own identifier of the call: it may have spaces in it.
        fields = line.split(maxsplit=_FIELDS - 1)
        if len(fields) != _FIELDS or fields[0] != b"request":
            return
        _, function, status, total, *_, backend, _, _ = fields
        if backend[:1] != b"f" or not backend[1:].isdigit() or not status.isdigit():
            return
        group = (function, status)
        times = self._groups.get(group)
        if times is None:
            if len(self._groups) >= MOST_GROUPS:
                return
            times = self._groups[group] = Times()
        times.add(int(total) if total.isdigit() else 0)

    def take(self) -> Mapping[Group, Times]:
        """Return what was gathered since the last taking."""
        groups, self._groups = self._groups, {}
        return groups
