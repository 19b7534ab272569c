"""Where lines go."""

from collections.abc import Sequence
from typing import Protocol

from faasd.collector.source import Source


class Sink(Protocol):
    """Takes lines and keeps them, or counts them as lost; it never raises for the disk."""

    def write(self, source: Source, lines: Sequence[str]) -> None:
        """Keep the lines of one source, in this order."""

    def close(self) -> None:
        """Finish."""
