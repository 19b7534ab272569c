"""A router, and a function behind it."""

from collections.abc import Iterator

import pytest

from tests.node.router.origin import Origin
from tests.node.router.running import RunningRouter


@pytest.fixture
def router() -> Iterator[RunningRouter]:
    running = RunningRouter()
    yield running
    running.close()


@pytest.fixture
def hello() -> Iterator[Origin]:
    origin = Origin("hello").start()
    yield origin
    origin.stop()


@pytest.fixture
def second() -> Iterator[Origin]:
    origin = Origin("second").start()
    yield origin
    origin.stop()
