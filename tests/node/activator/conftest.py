"""A function that sleeps behind a real HAProxy."""

from collections.abc import Iterator

import pytest

from tests.node.activator.cold import ColdRouter
from tests.node.router.origin import Origin


@pytest.fixture
def hello() -> Iterator[Origin]:
    origin = Origin("hello").start()
    yield origin
    origin.stop()


@pytest.fixture
def router(hello: Origin) -> Iterator[ColdRouter]:
    running = ColdRouter(hello)
    yield running
    running.close()
