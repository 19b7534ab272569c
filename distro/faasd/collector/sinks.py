"""Where lines go."""

import json
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Protocol

JOURNAL_SOCKET = Path("/run/systemd/journal/socket")
PRIORITIES = {"stdout": 6, "stderr": 4}
"""syslog(3): informational, warning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whose line it is.

    Attributes:
        name: the function or core service.
        instance: the container.
        stream: ``stdout`` or ``stderr``.
    """

    namespace: str
    name: str
    instance: str
    stream: str


class Sink(Protocol):
    """Takes lines; raises OSError where one could not be kept."""

    def write(self, origin: Origin, line: str) -> None:
        """Keep one line."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...


class JournalSink:
    """The systemd journal, with identifier ``NAMESPACE:NAME``."""

    def __init__(self) -> None:
        from systemd import journal

        self._send = journal.send

    def write(self, origin: Origin, line: str) -> None:
        """Send one entry (systemd.journal-fields(7))."""
        self._send(
            line,
            PRIORITY=PRIORITIES.get(origin.stream, 6),
            SYSLOG_IDENTIFIER=f"{origin.namespace}:{origin.name}",
            FAASD_NAMESPACE=origin.namespace,
            FAASD_NAME=origin.name,
            FAASD_INSTANCE=origin.instance,
        )

    def close(self) -> None:
        """Keep nothing open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """How much is kept of each function: a file of `size` bytes, and `old` older ones."""

    size: int = 10 * 2**20
    old: int = 2


class FileSink:
    """Files ``DIRECTORY/NAMESPACE/NAME.log``, a JSON object in each line."""

    MAX_OPEN = 64

    def __init__(self, directory: Path, rotation: Rotation) -> None:
        self._directory = directory
        self._rotation = rotation
        self._open: OrderedDict[Path, BinaryIO] = OrderedDict()

    def write(self, origin: Origin, line: str) -> None:
        """Append one entry; a file that is full becomes an older one first."""
        path = self._directory / origin.namespace / f"{origin.name}.log"
        file = self._file(path)
        file.write(_entry(origin, line))
        if file.tell() >= self._rotation.size:
            self._rotate(path)

    def close(self) -> None:
        """Close the files."""
        for file in self._open.values():
            file.close()
        self._open.clear()

    def _file(self, path: Path) -> BinaryIO:
        if path not in self._open:
            path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            if len(self._open) >= self.MAX_OPEN:
                self._open.popitem(last=False)[1].close()
            self._open[path] = path.open("ab", buffering=0)
        self._open.move_to_end(path)
        return self._open[path]

    def _rotate(self, path: Path) -> None:
        self._open.pop(path).close()
        names = [path, *(path.with_name(f"{path.name}.{n + 1}") for n in range(self._rotation.old))]
        for newer, older in reversed(list(pairwise(names))):
            if newer.exists():
                newer.replace(older)
        if not self._rotation.old:
            path.unlink(missing_ok=True)


def choose_sink(directory: Path, rotation: Rotation) -> Sink:
    """Return the journal where there is one, else files."""
    return JournalSink() if JOURNAL_SOCKET.exists() else FileSink(directory, rotation)


def _entry(origin: Origin, line: str) -> bytes:
    entry = {
        "timestamp": rfc3339(time.time_ns()),
        "name": origin.name,
        "namespace": origin.namespace,
        "instance": origin.instance,
        "stream": origin.stream,
        "text": line,
    }
    return json.dumps(entry, ensure_ascii=False).encode() + b"\n"


def rfc3339(nanoseconds: int) -> str:
    """Return a Unix time as ``2026-01-02T03:04:05.123456789Z``, Go's RFC3339Nano."""
    seconds, rest = divmod(nanoseconds, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
