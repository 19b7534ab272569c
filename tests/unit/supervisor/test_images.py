import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from faasd.base.errors import Unsatisfiable
from faasd.node.adapters.memory.images import MemoryImageStore, make_layout
from faasd.node.adapters.memory.world import MemoryWorld
from faasd.node.domain.image import ImageLayout, Platform, ResolvedImage
from faasd.node.ports.images import Reuse
from faasd.node.workloads.images import Images
from faasd.supervisor.compose.values import CoreService
from faasd.supervisor.images import ensure_image

NAME = "localhost/faasd/nats:latest"
SERVICE = CoreService(name="nats", image=NAME)


@dataclass
class Archives:
    """An image source that knows archives only, by the program that each one's image runs."""

    unpacked: list[str] = field(default_factory=list)

    def resolve(self, reference: str, platform: Platform) -> ResolvedImage:
        raise Unsatisfiable(f"no registry has {reference} for {platform}")

    def fetch(self, image: ResolvedImage, reuse: Reuse) -> ImageLayout:
        raise Unsatisfiable(f"no registry has {image.name}: {reuse}")

    def unpack_archive(self, archive: Path, platform: Platform) -> Sequence[ImageLayout]:
        assert platform.os == "linux"
        self.unpacked.append(archive.name)
        with tarfile.open(archive) as tar:
            program = tar.extractfile("./program")
            assert program
            return [make_layout(NAME, (program.read().decode(),))]

    def discard(self, layout: ImageLayout) -> None:
        assert layout.name == NAME


def write_archive(path: Path, program: str) -> None:
    digest = make_layout(NAME, (program,)).manifest.digest
    index = json.dumps({"manifests": [{"digest": digest}]}).encode()
    with tarfile.open(path, "w") as tar:
        for name, content in (("./program", program.encode()), ("./index.json", index)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


@pytest.fixture
def source() -> Archives:
    return Archives()


@pytest.fixture
def images(source: Archives) -> Images:
    world = MemoryWorld()
    return Images(source, MemoryImageStore(world), lambda: world.platform)


def test_a_local_image_is_loaded_from_its_archive_once(
    images: Images, source: Archives, tmp_path: Path
) -> None:
    write_archive(tmp_path / "nats.tar", "/bin/serve")

    first = ensure_image(images, SERVICE, tmp_path)
    second = ensure_image(images, SERVICE, tmp_path)

    assert first == second
    assert source.unpacked == ["nats.tar"]


def test_an_archive_with_another_image_replaces_the_one_held(
    images: Images, tmp_path: Path
) -> None:
    write_archive(tmp_path / "nats.tar", "/bin/serve")
    before = ensure_image(images, SERVICE, tmp_path)

    write_archive(tmp_path / "nats.tar", "/bin/silent")
    after = ensure_image(images, SERVICE, tmp_path)

    assert after.digest != before.digest


def test_a_held_image_needs_no_archive(images: Images, tmp_path: Path) -> None:
    write_archive(tmp_path / "nats.tar", "/bin/serve")
    held = ensure_image(images, SERVICE, tmp_path)

    (tmp_path / "nats.tar").unlink()

    assert ensure_image(images, SERVICE, tmp_path) == held


def test_an_image_that_is_nowhere_is_told_with_what_to_do(images: Images, tmp_path: Path) -> None:
    with pytest.raises(Unsatisfiable, match=r"nats:latest is not on this node, nor in .*build\.sh"):
        ensure_image(images, SERVICE, tmp_path)
