"""Text tables for people: aligned columns, no lines."""

from collections.abc import Sequence

_GAP = "  "


def render_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return head and rows with each column as wide as its widest cell.

    Line ends and control characters in cells become spaces.
    """
    lines = [[_plain(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    padded = (
        _GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )
    return "\n".join(line.rstrip() for line in padded)


def _plain(cell: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in cell).split())
