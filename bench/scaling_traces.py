"""Draws what the autoscaler decides over simulated loads: `python -m bench.scaling_traces DIR`.

The traces are those that the unit tests judge; docs/scaling.md shows them.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.unit.gateway.autoscaler.simulation import EACH, TRACES, Second, simulate

WIDTH, HEIGHT = 720, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 44, 24, 24
LOAD, REPLICAS, TEXT = "#8aa4c8", "#b5442e", "#444"


def draw(name: str, history: Sequence[Second]) -> str:
    """Return one trace as SVG: the load's scale is left, that of the replicas right."""
    loads = [second.load for second in history]
    numbers = [float(second.replicas) for second in history]
    top = max(*loads, max(numbers) * EACH) * 1.05
    area = f"{_line(loads, top)} {_x(len(loads) - 1, len(loads)):.1f},{HEIGHT - BOTTOM}"
    steps = _line([value * EACH for value in _stepped(numbers)], top, seconds=len(numbers))
    return "\n".join(
        (
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
                f'font-family="sans-serif" font-size="11" fill="{TEXT}">'
            ),
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            (
                f'<text x="{LEFT}" y="15">{name}: load (blue, left), replicas (red, right; one '
                f"carries {EACH:g}), over {len(history)} s</text>"
            ),
            *_scale(top),
            f'<polygon points="{LEFT},{HEIGHT - BOTTOM} {area}" fill="{LOAD}" opacity="0.6"/>',
            f'<polyline points="{steps}" fill="none" stroke="{REPLICAS}" stroke-width="1.6"/>',
            *_seconds(len(history)),
            "</svg>\n",
        )
    )


def _scale(top: float) -> Sequence[str]:
    lines = []
    for part in (0, 0.5, 1):
        value, y = top / 1.05 * part, _y(top / 1.05 * part, top)
        lines += [
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>',
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.0f}</text>',
            f'<text x="{WIDTH - RIGHT + 6}" y="{y + 4:.1f}">{value / EACH:.0f}</text>',
        ]
    return lines


def _seconds(count: int) -> Sequence[str]:
    return [
        f'<text x="{_x(at, count):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{at} s</text>'
        for at in range(0, count, 60 if count <= 480 else 120)
    ]


def _stepped(numbers: Sequence[float]) -> Sequence[float]:
    """Return each number twice: where it begins to hold, and where it ends."""
    return [number for number in numbers for _ in range(2)]


def _line(values: Sequence[float], top: float, *, seconds: int = 0) -> str:
    """Return points; with `seconds` the values are in pairs of begin and end."""
    points = []
    for index, value in enumerate(values):
        at = (index + 1) // 2 if seconds else index
        points.append(f"{_x(at, seconds or len(values)):.1f},{_y(value, top):.1f}")
    return " ".join(points)


def _x(at: float, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * at / max(count - 1, 1)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def main(directory: Path) -> None:
    """Write a file for each trace."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, (load, seconds) in TRACES.items():
        (directory / f"{name}.svg").write_text(draw(name, simulate(load, seconds)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
