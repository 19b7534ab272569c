"""Core images in one file: taken whole, by machines and releases they are for."""

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from faasd.base.errors import InvalidInput, NotFound
from faasd.installer.core_image_archive import (
    About,
    export_core_images,
    import_core_images,
    this_machine,
)
from faasd.installer.core_images import NAMES, Scripts, list_core_images, release_key
from tests.unit.installer.test_core_images import build, out, scripts, stale  # noqa: F401


@pytest.fixture
def here(scripts: Scripts) -> About:  # noqa: F811
    return About(architecture="amd64", release=release_key(scripts))


@pytest.fixture
def archive(scripts: Scripts, here: About, out: Path, tmp_path: Path) -> Path:  # noqa: F811
    build(scripts, out)
    target = tmp_path / "images.tar"
    export_core_images(here, list_core_images(scripts, out), out, target)
    return target


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Where images of another machine would be."""
    (tmp_path / "other").mkdir()
    return tmp_path / "other"


def test_imported_images_are_current_where_the_release_is_the_same(
    scripts: Scripts,  # noqa: F811
    here: About,
    archive: Path,
    other: Path,
) -> None:
    import_core_images(here, archive, other)

    assert stale(scripts, other) == []
    assert [(other / f"{name}.tar").read_text() for name in NAMES] == [f"{n}\n" for n in NAMES]
    assert len(list(other.iterdir())) == 2 * len(NAMES)


def test_what_is_outdated_is_not_exported(
    scripts: Scripts,  # noqa: F811
    here: About,
    archive: Path,
    out: Path,  # noqa: F811
) -> None:
    kept = archive.read_bytes()
    (out / "nats.key").unlink()

    with pytest.raises(NotFound, match="nats"):
        export_core_images(here, list_core_images(scripts, out), out, archive)

    assert archive.read_bytes() == kept


def test_an_export_writes_through_no_link_that_lies_in_wait(
    scripts: Scripts,  # noqa: F811
    here: About,
    out: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    build(scripts, out)
    victim, shared = tmp_path / "victim", tmp_path / "shared"
    victim.write_text("mine")
    shared.mkdir()
    for name in (".images.tar.new", "images.tar"):
        (shared / name).symlink_to(victim)
    export_core_images(here, list_core_images(scripts, out), out, shared / "images.tar")
    assert victim.read_text() == "mine"
    assert tarfile.is_tarfile(shared / "images.tar")
    assert (shared / "images.tar").stat().st_mode & 0o777 == 0o644


def test_a_failed_export_leaves_what_was_there_and_nothing_else(
    scripts: Scripts,  # noqa: F811
    here: About,
    archive: Path,
    out: Path,  # noqa: F811
) -> None:
    before, around = archive.read_bytes(), set(archive.parent.iterdir())
    images = list_core_images(scripts, out)
    (out / f"{NAMES[-1]}.tar").unlink()
    with pytest.raises(FileNotFoundError):
        export_core_images(here, images, out, archive)
    assert archive.read_bytes() == before
    assert set(archive.parent.iterdir()) == around


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        ({"architecture": "arm64"}, "has images for amd64; this machine is arm64"),
        ({"release": "0" * 64}, "was built by another release"),
    ],
)
def test_images_for_another_machine_or_release_are_refused_and_what_is_there_stays(
    here: About, archive: Path, other: Path, difference: dict[str, str], said: str
) -> None:
    (other / "nats.tar").write_text("older")

    with pytest.raises(InvalidInput, match=said):
        import_core_images(replace(here, **difference), archive, other)

    assert [path.name for path in other.iterdir()] == ["nats.tar"]


@pytest.mark.parametrize("length", [0, 5, 700, 3000, 9000])
def test_an_archive_that_is_cut_off_changes_nothing(
    here: About, archive: Path, other: Path, length: int
) -> None:
    archive.write_bytes(archive.read_bytes()[:length])
    (other / "nats.tar").write_text("older")

    with pytest.raises(InvalidInput, match="is no archive of core images"):
        import_core_images(here, archive, other)

    assert [path.name for path in other.iterdir()] == ["nats.tar"]


@pytest.mark.parametrize("about", [b"", b"[]", b"{}", b"\xff", b'"text"'])
def test_an_archive_that_does_not_say_what_it_is_for_is_refused(
    here: About, tmp_path: Path, other: Path, about: bytes
) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as bad:
        info = tarfile.TarInfo("about.json")
        info.size = len(about)
        bad.addfile(info, io.BytesIO(about))

    with pytest.raises(InvalidInput, match="is no archive of core images"):
        import_core_images(here, tmp_path / "bad.tar", other)


def test_a_file_that_is_missing_is_named(here: About, other: Path) -> None:
    with pytest.raises(NotFound, match="there is no file /absent"):
        import_core_images(here, Path("/absent"), other)


def test_the_release_is_our_part_and_not_debians(scripts: Scripts) -> None:  # noqa: F811
    before = release_key(scripts)
    (scripts.package / "cli.py").write_text("x = 3\n")
    same = release_key(scripts)
    (scripts.package / "gateway/app.py").write_text("x = 3\n")

    assert before == same
    assert release_key(scripts) != before


def test_this_machine_has_an_architecture(scripts: Scripts) -> None:  # noqa: F811
    assert this_machine(scripts).architecture in {"amd64", "arm64", "armhf"}
