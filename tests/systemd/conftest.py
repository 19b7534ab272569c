"""One booted machine for all of these tests, the package on it installed as people do it."""

from collections.abc import Iterator

import pytest

from tests.machine.processes import no_thread_left
from tests.systemd.guest import FIGURES, Guest
from tests.systemd.node import Node


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test leaves the node as it found it, but the last ones, which take it away."""
    for item in items:
        if "/systemd/" in str(item.path):
            item.add_marker(pytest.mark.containerd)
            item.add_marker(pytest.mark.timeout(300))
    items.sort(
        key=lambda item: ("test_zz_packages" in item.nodeid) + ("test_zz_purge" in item.nodeid)
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured."""
    for figure in FIGURES:
        terminalreporter.write_line(f"  {figure}")


@pytest.fixture(autouse=True)
def leaves_nothing_behind() -> Iterator[None]:
    """The machine's own processes come and go; a test's own threads may not stay."""
    with no_thread_left():
        yield


@pytest.fixture(scope="session")
def booted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A machine with the package installed and started, and two functions."""
    guest = Guest(tmp_path_factory.mktemp("guest"))
    guest.unpack()
    try:
        node = Node(guest)
        guest.tell(f"booted in {guest.start():.1f} s")
        node.install()
        yield node
    finally:
        guest.stop()


@pytest.fixture
def node(booted: Node) -> Iterator[Node]:
    """The node, whole before a test and after it."""
    booted.wait_whole()
    yield booted
    booted.wait_whole()
