"""Lines from the collector's files: JSON lines in ``NAME.log``, the older in ``NAME.log.1`` ….

A file's place in that row changes while it is read; its inode does not.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO

from faasd.node.domain.logs import LogLine, LogQuery, format_time

BATCH = 256
"""Lines that are read at once, at most; those that do not match included."""

BLOCK = 64 * 1024


class FileTail:
    """One function's lines, followed through rotations."""

    def __init__(self, path: Path, query: LogQuery) -> None:
        """Begin at the query's first line."""
        self._path = path
        self._query = query
        self._since = format_time(query.since)
        self._file: BinaryIO | None = None
        self._ended = False
        if query.tail is not None or query.since or query.reach is not None:
            self._file = self._find_start()

    def read(self) -> Sequence[LogLine] | None:
        """Return the next lines."""
        lines: list[LogLine] = []
        for _ in range(BATCH):
            raw = self._next_raw()
            if not raw:
                return lines or None
            line = self._parse(raw)
            if line is not None:
                lines.append(line)
        return lines

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _next_raw(self) -> bytes:
        """Return the next whole line as it is in the files, or nothing."""
        while True:
            if self._file is not None:
                raw = self._file.readline()
                if raw.endswith(b"\n"):
                    return raw
                self._file.seek(-len(raw), os.SEEK_CUR)
            if not self._go_on():
                return b""

    def _go_on(self) -> bool:
        """At the end of a file, go to the one that came after it; tell whether to read again.

        One that was found rotated is read once more: lines came before it was.
        """
        if self._file is not None and not self._ended:
            self._ended = _inode(self._path) not in (None, os.fstat(self._file.fileno()).st_ino)
            return self._ended
        files = _open_all(self._path)
        following = files[_place(files, self._file) :]
        for file in files:
            if file not in following[:1]:
                file.close()
        if not following:
            return False
        self.close()
        self._file, self._ended = following[0], False
        return True

    def _find_start(self) -> BinaryIO | None:
        """Return the file of the query's first line, at its beginning."""
        files = _open_all(self._path)
        start, at = self._walk_back(files)
        for file in files:
            if file is not start:
                file.close()
        if start is not None:
            start.seek(at)
        return start

    def _walk_back(self, files: Sequence[BinaryIO]) -> tuple[BinaryIO | None, int]:
        left, within = self._query.tail, self._query.reach
        for file, where, raw in _backwards(files):
            within = None if within is None else within - len(raw)
            if self._is_before(raw) or (within is not None and within < 0):
                return file, where + len(raw)
            if left is not None and self._parse(raw) is not None:
                left -= 1
                if left == 0:
                    return file, where
        return (files[0] if files else None), 0

    def _is_before(self, raw: bytes) -> bool:
        found = _record(raw)
        return found is not None and found.timestamp < self._since

    def _parse(self, raw: bytes) -> LogLine | None:
        """Return a line that matches the query, or None."""
        line = _record(raw)
        if line is None or line.timestamp < self._since:
            return None
        wanted = self._query.instance
        return line if not wanted or line.instance == wanted else None


def _record(raw: bytes) -> LogLine | None:
    """Read a line of a file; what a power cut left of one is none."""
    with suppress(ValueError, KeyError, TypeError):
        found = json.loads(raw)
        return LogLine(
            namespace=str(found["namespace"]),
            name=str(found["name"]),
            instance=str(found["instance"]),
            timestamp=str(found["timestamp"]),
            text=str(found["text"]),
        )
    return None


def _open_all(path: Path) -> list[BinaryIO]:
    """Open a function's files, the oldest first; each once, also where they are rotated now."""
    found: dict[int, BinaryIO] = {}
    for number in count():
        try:
            file = (path.with_name(f"{path.name}.{number}") if number else path).open("rb")
        except FileNotFoundError:
            if number:
                break
            continue
        inode = os.fstat(file.fileno()).st_ino
        if inode in found:
            file.close()
        else:
            found[inode] = file
    return list(reversed(found.values()))


def _place(files: Sequence[BinaryIO], after: BinaryIO | None) -> int:
    """Return which file comes after one; the first where that one is none of them any more."""
    if after is None:
        return 0
    inodes = [os.fstat(file.fileno()).st_ino for file in files]
    own = os.fstat(after.fileno()).st_ino
    return inodes.index(own) + 1 if own in inodes else 0


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def _backwards(files: Sequence[BinaryIO]) -> Iterator[tuple[BinaryIO, int, bytes]]:
    for file in reversed(files):
        for where, raw in _lines_backwards(file):
            yield file, where, raw


def _lines_backwards(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield where each whole line begins, and the line with its newline; the last one first."""
    position = file.seek(0, os.SEEK_END)
    rest = b""
    while position > 0:
        size = min(BLOCK, position)
        position -= size
        file.seek(position)
        block = file.read(size) + rest
        *lines, half = block.split(b"\n")
        start = position + len(block) - len(half)
        rest = lines.pop(0) + b"\n" if lines else b""
        for line in reversed(lines):
            start -= len(line) + 1
            yield start, line + b"\n"
    if rest:
        yield 0, rest
