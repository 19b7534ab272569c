"""A collector in the test's own thread."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.collector.collector import Collector
from tests.unit.collector.pipes import Memory


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "run" / "logs"


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def collector(directory: Path, memory: Memory) -> Iterator[Collector]:
    made = Collector(directory, memory)
    made.turn(0)
    yield made
    made.close()
