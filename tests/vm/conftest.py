"""A guest at a time, what it fetches from, and one table of all times at the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.vm.host import Host, serving
from tests.vm.machine import Machine
from tests.vm.node import Followed, boot_first, new_machine, next_machine, password_of
from tests.vm.times import TIMES, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A node that was made by docs/vps.md and is switched off: its disk begins those of others."""

    machine: Machine
    followed: Followed
    password: str
    state: str


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/vm/" in str(item.path):
            item.add_marker(pytest.mark.containerd)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in TIMES.table():
        terminalreporter.write_line(line)


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
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The page, followed once for all of these tests."""
    machine = new_machine(tmp_path_factory.mktemp("installed"))
    try:
        followed = boot_first(machine)
        made = Installed(
            machine=machine,
            followed=followed,
            password=password_of(machine),
            state=machine.do(STATE),
        )
        machine.shut_down()
    finally:
        machine.cut_power()
    return made


STATE = """
cloud-init status --long || true
systemctl is-system-running || systemctl --failed --no-legend
cat /etc/motd
"""


@pytest.fixture
def machine(installed: Installed, tmp_path: Path) -> Iterator[Machine]:
    """A node that was made before, switched off."""
    made = next_machine(tmp_path, installed.machine)
    try:
        yield made
    finally:
        made.cut_power()
