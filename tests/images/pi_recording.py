"""What a person types by docs/raspberry-pi.md and what comes of it, drawn as a terminal (SVG)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

COLUMNS = 100
_LINE, _CHARACTER, _EDGE = 17, 7.83, 14
_COLOURS = {"typed": "#e8e8e8", "said": "#a9b1ba", "note": "#7fb069"}
_PROMPT = "$ "


@dataclass
class Recording:
    """Lines of a session, in order.

    Attributes:
        hidden: directories of the machine it was made on, which are left out.
    """

    hidden: tuple[Path, ...] = ()
    _lines: list[tuple[str, str]] = field(default_factory=list)

    def type(self, commands: str, said: str, most: int = 30) -> None:
        """Add what was typed, and the end of what came of it."""
        for number, line in enumerate(commands.splitlines()):
            self._lines.append(("typed", (_PROMPT if number == 0 else "  ") + line))
        lines = [line for line in _clear(said, self.hidden).splitlines() if line.strip()]
        if len(lines) > most:
            self._lines.append(("said", "…"))
        self._lines += [("said", line) for line in lines[-most:]]

    def note(self, text: str) -> None:
        """Add what was done by hand, or what was waited for."""
        self._lines.append(("note", f"# {text}"))

    def draw(self) -> str:
        """Return the picture; a line that is too long goes on in the next one."""
        rows = [(kind, part) for kind, line in self._lines for part in _wrap(line)]
        width = round(2 * _EDGE + COLUMNS * _CHARACTER)
        height = 2 * _EDGE + _LINE * len(rows)
        return "\n".join(
            (
                (
                    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                    'font-family="monospace" font-size="13" xml:space="preserve">'
                ),
                f'<rect width="{width}" height="{height}" rx="8" fill="#1c2128"/>',
                *_texts(rows),
                "</svg>\n",
            )
        )


def _clear(said: str, hidden: Sequence[Path]) -> str:
    """Leave out the machine's directories, and what a line was written over with."""
    for directory in hidden:
        said = said.replace(f"{directory}/", "")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in said.split("\n"))


def _wrap(line: str) -> Iterator[str]:
    yield line[:COLUMNS]
    for start in range(COLUMNS, len(line), COLUMNS - 4):
        yield "    " + line[start : start + COLUMNS - 4]


def _texts(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    for number, (kind, text) in enumerate(rows):
        y = _EDGE + _LINE * (number + 0.75)
        # Where a reader's font is another, a line still has its length.
        length = f'textLength="{len(text) * _CHARACTER:.1f}"'
        place = f'x="{_EDGE}" y="{y:.1f}" fill="{_COLOURS[kind]}"'
        yield f"<text {place} {length}>{escape(text)}</text>"
