"""A node in the sandbox, with images to deploy; and proof that each test left it as it was."""

from collections.abc import Iterator

import pytest

from tests.e2e.client import Client
from tests.e2e.inventory import inventory
from tests.e2e.machine import Machine
from tests.machine.processes import wait_until
from tests.programs.archive import make_archive

PROGRAMS = ("serve", "exit", "silent", "stubborn")
SETTLE = 60.0
"""Seconds that deleted functions may take to be gone: grace periods and stops included."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in str(item.path):
            item.add_marker(pytest.mark.containerd)


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A node that runs; tests that break it mend it."""
    made = Machine(tmp_path_factory.mktemp("machine"))
    made.registry.start()
    made.install()
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def images(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """References of the programs' images in the registry; ``foreign`` is for another machine."""
    directory = tmp_path_factory.mktemp("images")
    names = [f"docker.io/library/{program}:latest" for program in PROGRAMS]
    make_archive(directory / "own.tar", PROGRAMS, names)
    make_archive(directory / "foreign.tar", PROGRAMS[:1], names[:1], architecture="s390x")
    found = {
        program: machine.registry.push(directory / "own.tar", name, f"{program}:1")
        for program, name in zip(PROGRAMS, names, strict=True)
    }
    # Another tag of the same program is another image to whoever deploys it.
    found["serve2"] = machine.registry.push(directory / "own.tar", names[0], "serve:2")
    found["foreign"] = machine.registry.push(directory / "foreign.tar", names[0], "foreign:1")
    return found


@pytest.fixture
def client(machine: Machine) -> Iterator[Client]:
    """A caller; the test's functions are deleted after it, and the machine is as it was before."""
    machine.mend()
    caller = machine.client()
    before = inventory(machine.containerd)
    yield caller
    for name in caller.names():
        assert caller.delete(name).status in (200, 202)
    wait_until(lambda: not caller.names(), SETTLE, "no function left")
    try:
        wait_until(lambda: inventory(machine.containerd) == before, SETTLE, "nothing left")
    except AssertionError:
        assert inventory(machine.containerd) == before, machine.tail()
