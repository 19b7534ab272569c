"""Draws how long first calls take: how many of them were answered within so many milliseconds."""

import math
from collections.abc import Sequence
from pathlib import Path

from bench.wakes import Wakes

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 150, 28, 30
COLOURS = {"static": "#b5442e", "python": "#2e6ab5"}
TEXT, GRID = "#444", "#ddd"
LADDER = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


def draw(depth: str, wakes: Sequence[Wakes]) -> str:
    """Return one depth as SVG: a line for each function and side; milliseconds, logarithmic."""
    every = [value for one in wakes for value in (*one.ours, *one.alone)]
    low = max([step for step in LADDER if step <= min(every)], default=LADDER[0])
    high = min([step for step in LADDER if step >= max(every)], default=LADDER[-1])
    scale = _Scale(low, max(high, 2 * low))
    return "\n".join(
        (
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
                f'font-family="sans-serif" font-size="11" fill="{TEXT}">'
            ),
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            (
                f'<text x="{LEFT}" y="16">first calls of {depth} functions: the part of them '
                "answered within so many milliseconds</text>"
            ),
            *_grid(scale),
            *(line for one in wakes for line in _lines(scale, one)),
            *_legend(wakes),
            "</svg>\n",
        )
    )


def write_plots(directory: Path, wakes: Sequence[Wakes]) -> None:
    """Write a file for each depth."""
    directory.mkdir(parents=True, exist_ok=True)
    for depth in sorted({one.depth for one in wakes}):
        drawn = draw(depth, [one for one in wakes if one.depth == depth])
        (directory / f"{depth}.svg").write_text(drawn)


class _Scale:
    """Milliseconds across, parts of all up."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def x(self, value: float) -> float:
        part = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return LEFT + (WIDTH - LEFT - RIGHT) * min(part, 1)

    @staticmethod
    def y(part: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part


def _grid(scale: _Scale) -> Sequence[str]:
    lines = []
    for part in (0, 0.25, 0.5, 0.75, 1):
        y = scale.y(part)
        lines += [
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>',
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{part:.0%}</text>',
        ]
    for step in (step for step in LADDER if scale.low <= step <= scale.high):
        x = scale.x(step)
        lines += [
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="{GRID}"/>',
            f'<text x="{x:.1f}" y="{HEIGHT - 12}" text-anchor="middle">{step} ms</text>',
        ]
    return lines


def _lines(scale: _Scale, wakes: Wakes) -> Sequence[str]:
    colour = COLOURS.get(wakes.function, TEXT)
    return [
        (
            f'<polyline points="{_steps(scale, values)}" fill="none" stroke="{colour}" '
            f'stroke-width="1.6"{dashes}/>'
        )
        for values, dashes in ((wakes.ours, ""), (wakes.alone, ' stroke-dasharray="4 3"'))
    ]


def _steps(scale: _Scale, values: Sequence[float]) -> str:
    """Return a staircase: each value lifts it by its part."""
    points, before = [], 0.0
    for count, value in enumerate(sorted(values), start=1):
        x, part = scale.x(value), count / len(values)
        points += [f"{x:.1f},{scale.y(before):.1f}", f"{x:.1f},{scale.y(part):.1f}"]
        before = part
    return " ".join(points)


def _legend(wakes: Sequence[Wakes]) -> Sequence[str]:
    left, lines = WIDTH - RIGHT + 12, []
    entries = [
        (COLOURS.get(one.function, TEXT), dashes, f"{one.function}, {side}")
        for one in wakes
        for side, dashes in (("through :8080", ""), ("containerd", ' stroke-dasharray="4 3"'))
    ]
    for number, (colour, dashes, text) in enumerate(entries):
        y = TOP + 14 + 18 * number
        lines += [
            (
                f'<line x1="{left}" x2="{left + 22}" y1="{y - 4}" y2="{y - 4}" stroke="{colour}" '
                f'stroke-width="1.6"{dashes}/>'
            ),
            f'<text x="{left + 28}" y="{y}">{text}</text>',
        ]
    return lines
