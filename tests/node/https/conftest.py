"""Caddy, the router behind it, and a function behind that."""

from collections.abc import Iterator

import pytest

from tests.node.https.running import RunningCaddy
from tests.node.router.origin import Origin
from tests.node.router.running import RunningRouter


@pytest.fixture
def router() -> Iterator[RunningRouter]:
    running = RunningRouter()
    yield running
    running.close()


@pytest.fixture
def hello(router: RunningRouter) -> Iterator[Origin]:
    """The function, routed."""
    origin = Origin("hello").start()
    router.apply(origin.endpoint)
    yield origin
    origin.stop()


@pytest.fixture
def caddy(router: RunningRouter) -> Iterator[RunningCaddy]:
    running = RunningCaddy(f"127.0.0.1:{router.port}")
    yield running
    running.close()
