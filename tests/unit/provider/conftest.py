"""What tests of the provider share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.provider.running import RunningProvider, running_provider


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[RunningProvider]:
    """A provider that runs, on an empty in-memory machine."""
    yield from running_provider(tmp_path)
