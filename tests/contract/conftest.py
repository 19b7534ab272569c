from collections.abc import Iterator

import pytest

from tests.contract.backends import Backend, MemoryBackend


@pytest.fixture(params=["memory"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    machine = MemoryBackend.start()
    yield machine
    machine.close()
