"""Counters of functions, out of counters of backends that change holders and begin anew. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from faasd.router.answers import Counters
from faasd.router.wanted import FunctionName

Classes = tuple[int, int, int, int, int]
_NOTHING: Classes = (0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionStats:
    """One function now, and its answers so far."""

    by_class: Classes = _NOTHING
    """Answers with 1xx, 2xx, 3xx, 4xx, 5xx."""
    requests: int = 0
    current: int = 0
    """Requests in flight, those that wait included."""
    queued: int = 0
    rate: int = 0
    """New requests in the last second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What HAProxy counts at one moment, and who holds which backend then."""

    worker: str
    """The process that counts; another one begins at zero."""
    held: Mapping[FunctionName, str]
    rows: Mapping[str, Counters]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Totals up to a reading.

    A function that is gone is told of once more, with its last calls, and then forgotten.
    """

    totals: Mapping[FunctionName, FunctionStats] = field(default_factory=dict)
    reading: Reading | None = None

    def advance(self, reading: Reading) -> "Tally":
        """Return the tally with what was counted since the last reading."""
        totals = {}
        for function, backend in {**self._left(reading), **reading.held}.items():
            if (row := reading.rows.get(backend)) is not None:
                totals[function] = self._add(function, row, self._base(backend, reading))
        return Tally(totals=totals, reading=reading)

    def _left(self, reading: Reading) -> Mapping[FunctionName, str]:
        """Return who has let go of a backend since, where nobody else counts in it."""
        if self.reading is None or self.reading.worker != reading.worker:
            return {}
        taken = set(reading.held.values())
        return {
            function: backend
            for function, backend in self.reading.held.items()
            if backend not in taken
        }

    def _base(self, backend: str, reading: Reading) -> Counters | None:
        """What the backend had counted before; a new process begins at nothing."""
        if self.reading is None or self.reading.worker != reading.worker:
            return None
        return self.reading.rows.get(backend)

    def _add(self, function: FunctionName, row: Counters, base: Counters | None) -> FunctionStats:
        before = self.totals.get(function, FunctionStats())
        counted = base.by_class if base else _NOTHING
        one, two, three, four, five = (
            total + now - then
            for total, now, then in zip(before.by_class, row.by_class, counted, strict=True)
        )
        return FunctionStats(
            by_class=(one, two, three, four, five),
            requests=before.requests + row.requests - (base.requests if base else 0),
            current=row.current,
            queued=row.queued,
            rate=row.rate,
        )
