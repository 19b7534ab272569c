"""Bytes to lines."""

from collections.abc import Iterator

MAX_LINE = 16 * 1024
"""Bytes; a longer line is told in pieces, so that no function fills the memory."""


class LineSplitter:
    """Splits a stream into lines, however it comes in pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> Iterator[str]:
        """Take a piece of the stream and yield the lines it ends, without their newlines."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            yield from _pieces(line)
        while len(self._rest) >= MAX_LINE:
            yield _text(self._rest[:MAX_LINE])
            self._rest = self._rest[MAX_LINE:]

    def finish(self) -> Iterator[str]:
        """Yield what is left of a line without an end."""
        rest, self._rest = self._rest, b""
        if rest:
            yield _text(rest)


def _pieces(line: bytes) -> Iterator[str]:
    yield _text(line[:MAX_LINE])
    for start in range(MAX_LINE, len(line), MAX_LINE):
        yield _text(line[start : start + MAX_LINE])


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode(errors="replace")
