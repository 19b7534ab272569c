"""A gateway, and a provider behind it."""

from collections.abc import Iterator

import pytest

from tests.unit.gateway.running import RunningGateway
from tests.unit.gateway.twins import ScriptedProvider, scripted_provider


@pytest.fixture
def provider() -> Iterator[ScriptedProvider]:
    with scripted_provider() as made:
        yield made


@pytest.fixture
def gateway(provider: ScriptedProvider) -> Iterator[RunningGateway]:
    running = RunningGateway(provider.url)
    running.start()
    try:
        yield running
    finally:
        provider.proceed.set()
        running.close()
