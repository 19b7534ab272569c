"""The machines under test, each with the programs' images."""

from collections.abc import Iterator

import pytest

from tests.contract.backends import Backend, MemoryBackend
from tests.contract.containerd_backend import ContainerdBackend
from tests.machine.node import RealMachine


@pytest.fixture(scope="session", autouse=True)
def real_machine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealMachine | None]:
    """One containerd for all tests that want one, started before the first test's guards look."""
    if not any(item.get_closest_marker("containerd") for item in request.session.items):
        yield None
        return
    machine = RealMachine.start(tmp_path_factory.mktemp("machine"))
    yield machine
    machine.stop()


@pytest.fixture(
    params=["memory", pytest.param("containerd", marks=pytest.mark.containerd)],
)
def backend(request: pytest.FixtureRequest, real_machine: RealMachine | None) -> Iterator[Backend]:
    """A machine that holds no container."""
    made: MemoryBackend | ContainerdBackend
    if request.param == "memory":
        made = MemoryBackend.start()
    else:
        assert real_machine
        made = ContainerdBackend(real_machine, real_machine.open())
    yield made
    made.close()
