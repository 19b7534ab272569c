"""The drawings in the docs show what is decided today."""

from pathlib import Path

import pytest

from bench.scaling_traces import draw
from tests.unit.gateway.autoscaler.simulation import TRACES, simulate

DRAWINGS = Path(__file__).parents[4] / "docs" / "scaling"


@pytest.mark.parametrize("name", TRACES)
def test_a_drawing_is_of_this_autoscaler(name: str) -> None:
    load, seconds = TRACES[name]

    assert (DRAWINGS / f"{name}.svg").read_text() == draw(name, simulate(load, seconds))


def test_no_drawing_is_left_over() -> None:
    assert {path.stem for path in DRAWINGS.glob("*.svg")} == set(TRACES)
