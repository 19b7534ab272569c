"""HAProxy, with the gateway's program behind it and a provider behind that."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from faasd.router.wanted import Endpoint
from tests.node.router.origin import Origin
from tests.node.router.running import RunningRouter
from tests.unit.gateway.program import Program, program
from tests.unit.gateway.twins import ScriptedProvider, scripted_provider


@pytest.fixture
def hello() -> Iterator[Origin]:
    origin = Origin("hello").start()
    yield origin
    origin.stop()


@pytest.fixture
def provider() -> Iterator[ScriptedProvider]:
    with scripted_provider() as made:
        yield made


@pytest.fixture
def router() -> Iterator[RunningRouter]:
    running = RunningRouter()
    yield running
    running.close()


@pytest.fixture
def gateway(router: RunningRouter, provider: ScriptedProvider, hello: Origin) -> Iterator[Program]:
    with program(provider.url, router.directory) as made:
        made.start()
        endpoint = Endpoint(address="127.0.0.1", port=made.control_port)
        router.settings = replace(router.settings, gateway=endpoint)
        router.restart_tools()
        router.apply(hello.endpoint)
        yield made
