"""A guest at a time, what it fetches from, and one table of all times at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.machine.registry import Registry
from tests.vm.cuts import Images
from tests.vm.host import Host, serving
from tests.vm.installed import Installed, find_kept, install, wait_kept
from tests.vm.machine import Machine, wait_slowly
from tests.vm.node import FIRST_BOOT, is_whole, next_machine, wait_answers
from tests.vm.times import TIMES, Times

LONGEST = 2700
"""Seconds that one test may take on a loaded machine, the first boot before it included."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/vm/" in str(item.path):
            item.add_marker(pytest.mark.containerd)
            # What is waited for has bounds of its own; this one is for what they miss.
            item.add_marker(pytest.mark.timeout(LONGEST))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in TIMES.table():
        terminalreporter.write_line(line)
    if kept := os.environ.get("FAASD_VM_TIMES"):
        with Path(kept).open("a") as file:
            file.writelines(f"{line}\n" for line in TIMES.table())


@pytest.fixture
def times() -> Times:
    """Where a test notes how long something took."""
    return TIMES


@pytest.fixture(scope="session", autouse=True)
def host() -> Iterator[Host]:
    """Serves packages and the release to guests."""
    with serving() as host:
        yield host


@pytest.fixture(scope="session")
def installed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    """The page, followed once for all of these tests; a kept node serves where it is not tested.

    With FAASD_VM_BESIDE another run of pytest, at the same time, tests and keeps it.
    """
    is_tested = any(item.path.name == "test_first_boot.py" for item in request.session.items)
    if not is_tested and "FAASD_VM_BESIDE" in os.environ:
        return wait_kept(FIRST_BOOT)
    kept = None if is_tested else find_kept()
    return kept or install(tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Images]:
    """Images that guests pull from this side."""
    directory = tmp_path_factory.mktemp("images")
    registry = Registry(directory / "registry")
    registry.start()
    try:
        yield Images(registry=registry, directory=directory)
    finally:
        registry.stop()


@pytest.fixture
def machine(installed: Installed, tmp_path: Path) -> Iterator[Machine]:
    """A node that was made before, switched off."""
    made = next_machine(tmp_path, installed.machine)
    try:
        yield made
    finally:
        made.cut_power()


@pytest.fixture
def resumed(installed: Installed, tmp_path: Path) -> Iterator[Machine]:
    """A node that was made before and runs."""
    with going_on(installed, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def running(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A node that was made before and runs; the tests of a module share it."""
    with going_on(installed, tmp_path_factory.mktemp("running")) as made:
        yield made


@contextmanager
def going_on(installed: Installed, directory: Path) -> Iterator[Machine]:
    """Have the node go on, as it was right after it was made, while the block runs."""
    made = installed.resume(directory)
    try:
        wait_answers(made, "echo", 60)
        wait_slowly(lambda: is_whole(made, installed.password), 60, made.tail)
        yield made
    finally:
        made.cut_power()
