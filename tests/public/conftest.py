"""One node and one other machine for all of these tests; each begins with plain HTTP, open."""

from collections.abc import Iterator

import pytest

from tests.machine.processes import no_thread_left
from tests.public.place import Node, World


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/public/" in str(item.path):
            item.add_marker(pytest.mark.containerd)


@pytest.fixture(autouse=True)
def leaves_nothing_behind() -> Iterator[None]:
    """The node's programs come and go; a test's own threads may not stay."""
    with no_thread_left():
        yield


@pytest.fixture(scope="session")
def world() -> World:
    """Another machine."""
    made = World()
    made.set_up()
    return made


@pytest.fixture(scope="session")
def installed(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """The node, with the sample function."""
    del world
    made = Node(tmp_path_factory.mktemp("node"))
    try:
        made.set_up()
        yield made
    finally:
        made.take_down()


@pytest.fixture
def node(installed: Node) -> Iterator[Node]:
    """The node; what a test chose is taken back after it."""
    yield installed
    installed.faasd("install", "--no-domain", "--no-firewall", "--no-metadata", "--open", "")
    installed.start()
