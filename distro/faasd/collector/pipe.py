"""One FIFO."""

import os
from collections.abc import Iterator
from pathlib import Path

from faasd.collector.lines import LineSplitter
from faasd.collector.sinks import Origin

READ_SIZE = 64 * 1024
"""Bytes read in one turn, so that a function that prints without end does not starve others."""

SEPARATOR = ":"
PARTS = 4


class Pipe:
    """A FIFO that is read for as long as it is there.

    It is open for writing as well, so that its end is not when a container's process ends.
    """

    def __init__(self, path: Path, origin: Origin) -> None:
        self.origin = origin
        self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._lines = LineSplitter()

    def fileno(self) -> int:
        """Return the file descriptor, for a selector."""
        return self._descriptor

    def read(self) -> Iterator[str]:
        """Read once and yield the lines that ended."""
        yield from self._lines.feed(self._read())

    def drain(self) -> Iterator[str]:
        """Read all that is left, yield it, and close."""
        while piece := self._read():
            yield from self._lines.feed(piece)
        yield from self._lines.finish()
        os.close(self._descriptor)

    def _read(self) -> bytes:
        try:
            return os.read(self._descriptor, READ_SIZE)
        except BlockingIOError:
            return b""


def parse_origin(name: str) -> Origin | None:
    """Return whose FIFO a file name says it is, or None for another file."""
    parts = name.split(SEPARATOR)
    if len(parts) != PARTS or not all(parts):
        return None
    return Origin(namespace=parts[0], name=parts[1], instance=parts[2], stream=parts[3])
