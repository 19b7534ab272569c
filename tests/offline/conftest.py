"""One folder for all of these tests, made as docs/offline.md says, from a copy of this tree."""

import shutil
from pathlib import Path

import pytest

from tests.machine.pages import read_commands
from tests.offline.fresh import CACHE, REPOSITORY, checked

TREE = ("distro", "provider_app", "docs", "pyproject.toml", "setup.py", "README.md", "LICENSE")


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy: others may be at work in this one."""
    copy = tmp_path_factory.mktemp("tree")
    for name in (*TREE, "install.sh"):
        source, target = REPOSITORY / name, copy / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    return copy


@pytest.fixture(scope="session")
def folder(tree: Path) -> Path:
    """The folder, made word by word."""
    cache = str(CACHE / "core-images")
    checked("bash", "-ec", f"cd {tree}\n{read_commands('offline.md')[0]}", FAASD_CORE_IMAGES=cache)
    return tree / "faasd-offline"
