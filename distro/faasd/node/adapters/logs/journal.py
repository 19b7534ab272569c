"""Lines from journald; the collector says in fields of its own who printed them.

Fields: `faasd.collector.journal`. libsystemd is loaded when the first one asks.
"""

from collections.abc import Sequence
from typing import cast

from faasd.node.domain.logs import LogLine, LogQuery, format_time

BATCH = 256
"""Entries that are read at once, at most."""

_TIME = "__REALTIME_TIMESTAMP"
_MICROSECOND = 1000

Entry = dict[str, object]


class JournalTail:
    """One function's lines in the journal."""

    def __init__(self, query: LogQuery, directory: str | None = None) -> None:
        """Begin to read this machine's journal, or one in a directory."""
        from systemd import journal

        self._query = query
        self._reader = journal.Reader(path=directory, converters={_TIME: int})
        self._reader.add_match(
            SYSLOG_IDENTIFIER=f"{query.namespace}:{query.name}",
            FAASD_NAMESPACE=query.namespace,
            FAASD_NAME=query.name,
        )
        if query.instance:
            self._reader.add_match(FAASD_INSTANCE=query.instance)
        self._reader.fileno()  # From here on, files that are new are noticed.
        self._first = self._seek()

    def read(self) -> Sequence[LogLine] | None:
        """Return the next lines."""
        lines: list[LogLine] = []
        while len(lines) < BATCH and (entry := self._first or self._next()):
            self._first = None
            lines.append(self._line(entry))
        if not lines:
            self._reader.process()
        return lines or None

    def close(self) -> None:
        """Close the journal."""
        self._reader.close()

    def _seek(self) -> Entry | None:
        """Go to where the query begins; return its first entry where it was met on the way."""
        if self._query.tail is not None:
            self._reader.seek_tail()
            first = cast("Entry", self._reader.get_previous(self._query.tail))
            if first and self._time(first) >= self._query.since:
                return first
        if self._query.since:
            self._reader.seek_realtime(self._query.since / 1e9)
        else:
            self._reader.seek_head()
        return None

    def _next(self) -> Entry:
        entry = cast("Entry", self._reader.get_next())
        while entry and self._time(entry) < self._query.since:
            entry = cast("Entry", self._reader.get_next())
        return entry

    def _time(self, entry: Entry) -> int:
        return cast("int", entry[_TIME]) * _MICROSECOND

    def _line(self, entry: Entry) -> LogLine:
        text = entry.get("MESSAGE", "")
        return LogLine(
            namespace=self._query.namespace,
            name=self._query.name,
            instance=str(entry.get("FAASD_INSTANCE", "")),
            timestamp=format_time(self._time(entry)),
            text=text.decode(errors="replace") if isinstance(text, bytes) else str(text),
        )
