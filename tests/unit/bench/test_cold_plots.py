"""The plots of cold starts show what was measured."""

import xml.etree.ElementTree as ET  # reads what was drawn just here
from pathlib import Path

import pytest

from bench.cold_plots import draw, write_plots
from bench.wakes import Wakes

SVG = "{http://www.w3.org/2000/svg}"
STOPPED = Wakes(function="static", depth="stopped", ours=(70, 60, 80), alone=(55, 50, 65))
PAUSED = Wakes(function="python", depth="paused", ours=(9.0, 8.0, 30.0), alone=(6, 7, 8))


def lines_of(drawn: str) -> list[list[tuple[float, float]]]:
    """Return the points of each line."""
    found = ET.fromstring(drawn).iter(f"{SVG}polyline")
    return [
        [
            (float(x), float(y))
            for x, y in (pair.split(",") for pair in line.attrib["points"].split())
        ]
        for line in found
    ]


@pytest.mark.parametrize("wakes", [STOPPED, PAUSED], ids=["stopped", "paused"])
def test_each_side_is_a_staircase_from_none_to_all(wakes: Wakes) -> None:
    ours, alone = lines_of(draw(wakes.depth, [wakes]))

    for line in (ours, alone):
        assert len(line) == 6
        assert line == sorted(line, key=lambda point: (point[0], -point[1]))
    assert ours[-1][1] == alone[-1][1] < ours[0][1] == alone[0][1]


def test_the_slower_side_is_further_right() -> None:
    ours, alone = lines_of(draw("stopped", [STOPPED]))

    assert all(slow[0] > fast[0] for slow, fast in zip(ours, alone, strict=True))


def test_calls_that_all_took_the_same_can_be_drawn() -> None:
    same = Wakes(function="static", depth="stopped", ours=(50.0,), alone=(50.0,))

    assert len(lines_of(draw("stopped", [same]))) == 2


def test_a_file_is_written_for_each_depth(tmp_path: Path) -> None:
    write_plots(tmp_path / "new", [STOPPED, PAUSED])

    assert {path.name for path in (tmp_path / "new").iterdir()} == {"stopped.svg", "paused.svg"}


def test_the_table_holds_both_sides_and_judges_median_and_last() -> None:
    cells = [figure.cells() for figure in STOPPED.figures()]

    assert cells[0][1:4] == ("70.0 ms", "80.0", "55.0 ms")
    assert cells[0][-2:] == ("≤ 80 ms", "met")
    assert cells[1][-2:] == ("≤ 250 ms", "met")
    late = Wakes(function="static", depth="paused", ours=(10, 10, 90), alone=(6,), failed=1)
    assert [figure.cells()[-1] for figure in late.figures()] == ["met", "MISSED", "MISSED"]
