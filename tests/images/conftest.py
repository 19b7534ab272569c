"""One image, built by Packer at a stand-in of Amazon's API, for all tests that need no emulator."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images.amazon import Built, Taken, build, environment, make_machine, take
from tests.images.packer import make_place
from tests.systemd.guest import BUILT as SAMPLES
from tests.systemd.guest import FIGURES, Guest
from tests.terraform.cloud import run_cloud
from tests.vm.times import TIMES

LONGEST = 900
"""Seconds that a test may take on a loaded machine, what it begins from included."""

STACK = """\
functions:
  echo:
    image: localhost/echo:latest
    limits: {memory: 64Mi}
  static:
    image: localhost/static:latest
    environment: {write_timeout: 10}
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/images/" in str(item.path) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(LONGEST))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured."""
    for figure in (*FIGURES, *TIMES.table()):
        terminalreporter.write_line(f"  {figure}")


@pytest.fixture(scope="session")
def baked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, Taken]:
    """The files of a machine that was built, cleaned and stopped, and what the cloud has of it."""
    guest = Guest(tmp_path_factory.mktemp("machine"))
    make_machine(guest)
    place = make_place(tmp_path_factory.mktemp("place"), environment())
    stack = place.top / "stack.yml"
    stack.write_text(STACK)
    shutil.copy(SAMPLES / "static.tar", place.top / "packer/archives/")
    try:
        guest.start()
        with run_cloud(tmp_path_factory.mktemp("cloud")) as cloud:
            built = build(guest, cloud, place, stack)
            return built, take(cloud)
    finally:
        guest.stop()


@pytest.fixture(scope="session")
def built(baked: tuple[Built, Taken]) -> Built:
    """What the build left on this side."""
    return baked[0]


@pytest.fixture(scope="session")
def taken(baked: tuple[Built, Taken]) -> Taken:
    """What the build left at the cloud."""
    return baked[1]


@pytest.fixture
def fresh(built: Built, tmp_path: Path) -> Iterator[Guest]:
    """A machine of that image that was never booted."""
    guest = copy(built, tmp_path / "machine")
    try:
        yield guest
    finally:
        guest.stop()


def copy(built: Built, directory: Path) -> Guest:
    """Make a machine of the image."""
    directory.mkdir()
    command = ["cp", "-a", str(built.root), str(directory / "root")]
    subprocess.run(command, check=True, timeout=300)
    return Guest(directory)
