"""One FIFO, opened so that it never ends."""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from faasd.collector.lines import LineSplitter
from faasd.collector.source import Source

CHUNK = 4 * 1024
"""Bytes read at most in one turn of the loop: a noisy function waits for the quiet ones."""

_FLAGS = os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW


class Pipe:
    """A FIFO being read. Open for writing, too, so that it does not end when a shim does.

    Attributes:
        source: who prints into it.
        inode: tells it from a later FIFO of the same name.
    """

    def __init__(self, path: Path, source: Source) -> None:
        """Open the FIFO at `path`.

        Raises:
            OSError: it is gone, no FIFO, or too many files are open.
        """
        self._fd = os.open(path, _FLAGS)
        status = os.fstat(self._fd)
        if not stat.S_ISFIFO(status.st_mode):
            os.close(self._fd)
            raise OSError(errno.EINVAL, "is no FIFO", str(path))
        self.source = source
        self.inode = status.st_ino
        self._splitter = LineSplitter()

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._fd

    def read(self) -> list[str]:
        """Read at most one chunk; return the lines that end in it."""
        return self._splitter.feed(self._take())

    def drain(self) -> Iterator[list[str]]:
        """Read what is in it now, then the line that has not ended.

        What is written in the meantime is read only as far as a FIFO's capacity, so this ends.
        """
        left = fcntl.fcntl(self._fd, fcntl.F_GETPIPE_SZ)
        while left > 0 and (chunk := self._take()):
            left -= len(chunk)
            yield self._splitter.feed(chunk)
        yield self._splitter.flush()

    def close(self) -> None:
        """Stop reading; what is not read is lost unless a shim holds the FIFO open."""
        os.close(self._fd)

    def _take(self) -> bytes:
        try:
            return os.read(self._fd, CHUNK)
        except BlockingIOError:
            return b""
