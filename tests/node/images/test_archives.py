"""Images from files: what `docker save` and skopeo write."""

import gzip
import shutil
import subprocess
from pathlib import Path

import pytest

from faasd.base.errors import InvalidInput, Unsatisfiable
from tests.node.images.place import AMD64, Place
from tests.programs.archive import make_archive

NAMES = ["docker.io/library/serve:latest", "docker.io/library/exit:2"]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """An archive of two images."""
    archive = tmp_path / "saved.tar"
    make_archive(archive, ["serve", "exit"], NAMES, architecture="amd64")
    return archive


def test_every_image_of_an_archive_is_unpacked_by_its_name(place: Place, saved: Path) -> None:
    source = place.source()

    layouts = source.unpack_archive(saved, AMD64)

    assert [layout.name for layout in layouts] == NAMES
    assert [layout.config.entrypoint for layout in layouts] == [("/bin/serve",), ("/bin/exit",)]
    assert {layout.source_digest for layout in layouts} == {""}
    for layout in layouts:
        source.discard(layout)
    assert place.blobs() == []


def test_a_compressed_archive_is_read_as_well(place: Place, saved: Path) -> None:
    packed = saved.with_suffix(".tar.gz")
    with saved.open("rb") as plain, gzip.open(packed, "wb") as target:
        shutil.copyfileobj(plain, target)

    layouts = place.source().unpack_archive(packed, AMD64)

    assert [layout.name for layout in layouts] == NAMES


def test_an_oci_archive_is_read_by_its_annotation(place: Place, saved: Path) -> None:
    archive = saved.with_name("oci.tar")
    source = f"docker-archive:{saved}:{NAMES[0]}"
    target = f"oci-archive:{archive}:localhost/mine:1"
    subprocess.run(["skopeo", "copy", "-q", source, target], check=True, timeout=60)

    layouts = place.source().unpack_archive(archive, AMD64)

    assert [layout.name for layout in layouts] == ["localhost/mine:1"]


def test_an_oci_archive_without_names_says_how_to_name_them(place: Place, saved: Path) -> None:
    archive = saved.with_name("nameless.tar")
    source = f"docker-archive:{saved}:{NAMES[0]}"
    subprocess.run(["skopeo", "copy", "-q", source, f"oci-archive:{archive}"], check=True)

    with pytest.raises(InvalidInput, match=r"org\.opencontainers\.image\.ref\.name"):
        place.source().unpack_archive(archive, AMD64)


def test_an_archive_for_another_platform_is_refused_and_leaves_nothing(
    place: Place, tmp_path: Path
) -> None:
    archive = tmp_path / "foreign.tar"
    make_archive(archive, ["serve"], NAMES[:1], architecture="s390x")

    with pytest.raises(Unsatisfiable, match="s390x"):
        place.source().unpack_archive(archive, AMD64)


@pytest.mark.parametrize("content", [b"", b"no tar at all", b"\x1f\x8bbroken"])
def test_what_is_no_archive_is_named(place: Place, tmp_path: Path, content: bytes) -> None:
    archive = tmp_path / "garbage.tar"
    archive.write_bytes(content)

    with pytest.raises(InvalidInput, match=r"garbage\.tar"):
        place.source().unpack_archive(archive, AMD64)


def test_a_file_that_is_not_there_is_named(place: Place, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"missing\.tar"):
        place.source().unpack_archive(tmp_path / "missing.tar", AMD64)
