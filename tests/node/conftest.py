"""A containerd of the tests' own, a real node on it, and images made on the spot."""

from collections.abc import Iterator

import pytest

from faasd.node.open import Node
from tests.machine.containerd import PrivateContainerd
from tests.machine.node import RealMachine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the fixtures below; other modules mark themselves."""
    real = {"machine", "containerd", "node"}
    for item in items:
        if "/tests/node/" in str(item.path) and real & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.containerd)


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealMachine]:
    """One containerd for all tests, with `serve`, `exit`, `silent` and `stubborn` as images."""
    made = RealMachine.start(tmp_path_factory.mktemp("machine"))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def containerd(machine: RealMachine) -> PrivateContainerd:
    """The daemon alone."""
    return machine.containerd


@pytest.fixture
def node(machine: RealMachine) -> Iterator[Node]:
    """A node on it."""
    opened = machine.open()
    yield opened
    opened.close()
