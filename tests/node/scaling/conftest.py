"""One node a test: what one has counted is not to count for the next."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.node.scaling.place import ScalingNode


@pytest.fixture
def place(tmp_path: Path) -> Iterator[ScalingNode]:
    made = ScalingNode(tmp_path)
    yield made
    made.close()
