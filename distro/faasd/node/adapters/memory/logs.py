"""What the in-memory machine's functions printed."""

from collections.abc import Sequence

from faasd.node.adapters.memory.world import MemoryWorld
from faasd.node.domain.logs import LogLine, LogQuery, format_time

BATCH = 256


class MemoryLogs:
    """Port `Logs`: what was given to `MemoryWorld.print`."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def open(self, query: LogQuery) -> "MemoryTail":
        """Begin to read."""
        return MemoryTail(self._world.printed, query)


class MemoryTail:
    """A place in the list of all lines."""

    def __init__(self, printed: Sequence[LogLine], query: LogQuery) -> None:
        self._printed = printed
        self._query = query
        matching = [n for n, line in enumerate(printed) if self._matches(line)]
        kept = matching if query.tail is None else matching[-query.tail :]
        self._place = kept[0] if kept else len(printed)

    def read(self) -> Sequence[LogLine] | None:
        """Return the next lines."""
        found = self._printed[self._place : self._place + BATCH]
        self._place += len(found)
        return [line for line in found if self._matches(line)] if found else None

    def close(self) -> None:
        """Nothing is held."""

    def _matches(self, line: LogLine) -> bool:
        query = self._query
        return (
            (line.namespace, line.name) == (query.namespace, query.name)
            and query.instance in ("", line.instance)
            and line.timestamp >= format_time(query.since)
        )
