from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machine.registry import Registry
from tests.node.images.place import Place
from tests.programs.archive import make_archive

NAME = "docker.io/library/serve:latest"


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry with `library/serve` for amd64 and, by other tags, other platforms."""
    directory = tmp_path_factory.mktemp("registry")
    made = Registry(directory / "registry", address="127.0.0.1:5077")
    made.start()
    for tag, architecture in (("1", "amd64"), ("arm64", "arm64"), ("arm", "arm")):
        archive = directory / f"{tag}.tar"
        make_archive(archive, ["serve"], [NAME], architecture=architecture)
        made.push(archive, NAME, f"library/serve:{tag}")
    yield made
    made.stop()


@pytest.fixture
def place(registry: Registry, tmp_path: Path) -> Place:
    return Place(registry, tmp_path)
