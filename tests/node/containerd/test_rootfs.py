"""A root's files are read as overlayfs shows them, and nothing outside the root ever is."""

import os
from pathlib import Path

import pytest

from faasd.node.adapters.containerd.protos.types_pb2 import Mount
from faasd.node.adapters.containerd.rootfs import read_file
from faasd.node.adapters.containerd.snapshots import Mounts

OPAQUE = "trusted.overlay.opaque"


class Layers:
    """Directories of an overlay, the uppermost first."""

    def __init__(self, directory: Path) -> None:
        self.upper, self.middle, self.lower = (directory / n for n in ("upper", "middle", "lower"))
        self.outside = directory / "secret"
        self.outside.write_text("outside")
        for layer in (self.upper, self.middle, self.lower):
            layer.mkdir()

    @property
    def mounts(self) -> Mounts:
        lower = f"lowerdir={self.middle}:{self.lower}"
        return [Mount(type="overlay", options=["index=off", lower, f"upperdir={self.upper}"])]

    def read(self, path: str = "etc/passwd") -> str:
        return read_file(self.mounts, path)


def write(layer: Path, path: str, text: str) -> None:
    (layer / path).parent.mkdir(parents=True, exist_ok=True)
    (layer / path).write_text(text)


def link(layer: Path, path: str, target: str) -> None:
    (layer / path).parent.mkdir(parents=True, exist_ok=True)
    (layer / path).symlink_to(target)


@pytest.fixture
def layers(tmp_path: Path) -> Layers:
    return Layers(tmp_path)


def test_the_uppermost_file_is_read(layers: Layers) -> None:
    write(layers.lower, "etc/passwd", "lower")
    write(layers.middle, "etc/passwd", "middle")

    assert layers.read() == "middle"


def test_a_file_that_is_nowhere_is_empty(layers: Layers) -> None:
    assert layers.read() == ""


def test_a_deleted_file_is_not_seen_below(layers: Layers) -> None:
    write(layers.lower, "etc/passwd", "lower")
    (layers.upper / "etc").mkdir()
    os.mknod(layers.upper / "etc/passwd", 0o20000, os.makedev(0, 0))

    assert layers.read() == ""


def test_a_deleted_directory_is_not_seen_below(layers: Layers) -> None:
    write(layers.lower, "etc/passwd", "lower")
    os.mknod(layers.middle / "etc", 0o20000, os.makedev(0, 0))

    assert layers.read() == ""


def test_an_opaque_directory_hides_those_below(layers: Layers) -> None:
    write(layers.lower, "etc/passwd", "lower")
    write(layers.middle, "etc/group", "middle")
    os.setxattr(layers.middle / "etc", OPAQUE, b"y")

    assert layers.read() == ""
    assert layers.read("etc/group") == "middle"


def test_a_link_is_followed_within_the_root_through_layers(layers: Layers) -> None:
    link(layers.upper, "etc/passwd", "/store/passwd")
    link(layers.middle, "store", "usr/../data")
    write(layers.lower, "data/passwd", "here")
    (layers.lower / "usr").mkdir()

    assert layers.read() == "here"


@pytest.mark.parametrize("target", ["{outside}", "../../../../../../{outside}"])
def test_no_link_leads_out_of_the_root(layers: Layers, target: str) -> None:
    link(layers.upper, "etc/passwd", target.format(outside=layers.outside))

    assert layers.read() == ""


def test_a_linked_directory_does_not_lead_out(layers: Layers) -> None:
    link(layers.upper, "etc", str(layers.outside.parent))

    assert layers.read("etc/secret") == ""


def test_links_in_a_circle_end(layers: Layers) -> None:
    link(layers.upper, "etc/passwd", "group")
    link(layers.upper, "etc/group", "passwd")

    assert layers.read() == ""


@pytest.mark.parametrize("kind", [0o10000, 0o20000, 0o60000], ids=["fifo", "device", "disk"])
def test_what_is_no_file_is_not_opened(layers: Layers, kind: int) -> None:
    (layers.upper / "etc").mkdir()
    os.mknod(layers.upper / "etc/passwd", kind | 0o600, os.makedev(1, 5))

    assert layers.read() == ""


def test_a_root_of_one_directory_is_read_as_well(layers: Layers) -> None:
    write(layers.upper, "etc/passwd", "one")

    assert read_file([Mount(type="bind", source=str(layers.upper))], "etc/passwd") == "one"


def test_a_directory_that_is_gone_is_empty() -> None:
    assert read_file([Mount(type="bind", source="/no/such/root")], "etc/passwd") == ""
