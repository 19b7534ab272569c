"""A queue that runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.node.queue.running import RunningQueue


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[RunningQueue]:
    """All of it, with the settings of a test: a retry after 50 ms, a lost call after 1 s."""
    running = RunningQueue(tmp_path)
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningQueue]:
    """One for the tests of a module that leave it as it is; `forget` what came before."""
    running = RunningQueue(tmp_path_factory.mktemp("queue"))
    try:
        yield running.start()
    finally:
        running.close()
