"""Figures and the table they are printed in."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

HEADER = ("what", "ours: median", "p99", "baseline: median", "p99", "n", "goal", "")


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, on both sides.

    Attributes:
        ours, baseline: one value for each repeat; a baseline may be missing.
        goal: what `ours` may be at most, 0 for none.
        least: what `ours` must be at least, 0 for none.
    """

    what: str
    ours: Sequence[float]
    baseline: Sequence[float] = ()
    unit: str = "ms"
    goal: float = 0
    least: float = 0

    def cells(self) -> tuple[str, ...]:
        """Return the line as it is printed."""
        ours, theirs = self._pair(self.ours), self._pair(self.baseline)
        return (self.what, *ours, *theirs, str(len(self.ours)), *self._judged())

    def _judged(self) -> tuple[str, str]:
        if not self.goal and not self.least:
            return "", ""
        value = median(self.ours)
        met = value <= self.goal if self.goal else value >= self.least
        bound = f"≤ {self.goal:g}" if self.goal else f"≥ {self.least:g}"
        return f"{bound} {self.unit}".strip(), "met" if met else "MISSED"

    def _pair(self, values: Sequence[float]) -> tuple[str, str]:
        if not values:
            return "", ""
        last = _number(worst(values)) if len(values) > 1 else ""
        return f"{_number(median(values))} {self.unit}".strip(), last


@dataclass
class Table:
    """The figures of one run."""

    figures: list[Figure] = field(default_factory=list)

    def add(self, *figures: Figure) -> None:
        """Take figures in, and print them as they come."""
        for figure in figures:
            self.figures.append(figure)
            print("  " + "  ".join(cell for cell in figure.cells() if cell), flush=True)

    def as_markdown(self) -> str:
        """Return the table."""
        lines = [HEADER, tuple("---" for _ in HEADER), *(f.cells() for f in self.figures)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
        return "\n".join(
            "| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |"
            for line in lines
        )


def _number(value: float) -> str:
    """Return a number with what of it can be told apart in one run."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.2f}" if value < 1 else f"{value:.1f}"


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def worst(values: Sequence[float]) -> float:
    """Return the 99th percentile: under a hundred values, the largest."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def repeat(times: int, measure: Callable[[], float]) -> list[float]:
    """Measure `times` times, after one that does not count; return milliseconds."""
    measure()
    return [measure() for _ in range(times)]
