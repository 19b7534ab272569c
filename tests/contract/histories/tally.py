"""What was done, counted, for the end of the run."""

from collections import Counter

REPORT: list[str] = []
"""Lines that the run prints at its end."""


class Tally:
    """Counts operations by their kind.

    Attributes:
        settled: how often everything was waited for and all invariants checked.
        failures: what went wrong, the first first: when it is tried again it may go otherwise.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self.settled = 0
        self.failures: list[str] = []

    def add(self, kind: str) -> None:
        """Count one."""
        self._counts[kind] += 1

    @property
    def total(self) -> int:
        """How many there were."""
        return self._counts.total()

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self._counts.items()))
        return f"{self.total} operations: {kinds}"
