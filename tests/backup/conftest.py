"""One machine for all of these tests; nodes are set up and wiped on it."""

from collections.abc import Iterator

import pytest

from tests.backup.place import Node
from tests.machine.processes import no_thread_left


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/backup/" in str(item.path):
            item.add_marker(pytest.mark.containerd)


@pytest.fixture(autouse=True)
def leaves_nothing_behind() -> Iterator[None]:
    """Nodes come and go within these tests; a test's own threads may not stay."""
    with no_thread_left():
        yield


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A machine with images to deploy, and no node yet."""
    made = Node(tmp_path_factory.mktemp("backup"))
    made.make_images()
    try:
        yield made
    finally:
        made.registry.stop()


@pytest.fixture(scope="module")
def standing(machine: Node) -> Iterator[Node]:
    """A node that several tests use, one after another; each takes its functions away."""
    machine.set_up()
    try:
        yield machine
    finally:
        machine.wipe()


@pytest.fixture
def node(machine: Node) -> Iterator[Node]:
    """A node that is up; wiped in the end."""
    machine.set_up()
    try:
        yield machine
    finally:
        machine.wipe()
