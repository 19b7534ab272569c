from pathlib import Path

import pytest

from tests.unit.installer.backup.place import Place


@pytest.fixture
def old(tmp_path: Path) -> Place:
    """A node with a function that has a secret."""
    place = Place(tmp_path / "old")
    place.secret("key", b"\x00secret")
    place.function("hello", ["key"])
    return place


@pytest.fixture
def new(tmp_path: Path) -> Place:
    """A node that was just installed."""
    return Place(tmp_path / "new")


@pytest.fixture
def file(old: Place, tmp_path: Path) -> Path:
    """A backup of the old one."""
    old.back_up(tmp_path / "node.backup")
    return tmp_path / "node.backup"
