"""Bytes to lines, however the bytes are cut into chunks."""

LONGEST = 16 * 1024
"""Bytes of a line; a longer one becomes several."""

_LONGEST_CHARACTER = 4
_KIND, _CONTINUES = 0b1100_0000, 0b1000_0000
"""UTF-8: the bits of a byte that say whether it continues a character."""


class LineSplitter:
    """Splits one stream at newlines; keeps at most a line that has not ended.

    The lines depend on the bytes alone, not on the chunks they came in.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[str]:
        """Return the lines that end within `chunk`, without their newlines.

        What is no UTF-8 is replaced by U+FFFD.
        """
        *ended, rest = (self._rest + chunk).split(b"\n")
        lines = [piece for line in ended for piece in _pieces(line)]
        *full, self._rest = _pieces(rest)
        return [_text(line) for line in (*lines, *full)]

    def flush(self) -> list[str]:
        """Return the line that has not ended, if there is one: no more comes."""
        rest, self._rest = self._rest, b""
        return [_text(rest)] if rest else []


def _pieces(line: bytes) -> list[bytes]:
    """Cut a line into pieces of at most `LONGEST` bytes; an empty line is one piece."""
    pieces = []
    while len(line) > LONGEST:
        cut = _cut(line)
        pieces.append(line[:cut])
        line = line[cut:]
    return [*pieces, line]


def _cut(line: bytes) -> int:
    """Return where to cut: at `LONGEST`, or just before the character that is there."""
    for cut in range(LONGEST, LONGEST - _LONGEST_CHARACTER, -1):
        if line[cut] & _KIND != _CONTINUES:
            return cut
    return LONGEST


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")
