"""What functions printed."""

from collections.abc import Sequence
from typing import Protocol

from faasd.node.domain.logs import LogLine, LogQuery


class LogTail(Protocol):
    """The lines of one query, from its first on; used by one thread at a time."""

    def read(self) -> Sequence[LogLine] | None:
        """Return the next lines, a bounded number; None where no more are there yet.

        A few may be none at all, so that reading many that do not match can be broken off.
        """
        ...

    def close(self) -> None:
        """Let go of what it reads from."""
        ...


class Logs(Protocol):
    """Where the collector keeps what functions print."""

    def open(self, query: LogQuery) -> LogTail:
        """Begin to read; a function that never printed anything has no lines."""
        ...
