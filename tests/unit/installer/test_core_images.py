"""Which core images are as they should be; a small script plays the one that builds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from faasd.base.errors import Unavailable
from faasd.installer.core_images import (
    NAMES,
    Scripts,
    build_core_images,
    find_scripts,
    list_core_images,
)

BUILD = '#!/bin/sh\nout=$1; shift; for name; do echo "$name" >"$out/$name.tar"; done\n'


@pytest.fixture
def scripts(tmp_path: Path) -> Scripts:
    directory, package = tmp_path / "core-image", tmp_path / "faasd"
    for name in ("base", *NAMES):
        (directory / name).mkdir(parents=True)
        (directory / name / "packages").write_text("busybox\n")
    (directory / "build.sh").write_text(BUILD)
    (directory / "build.sh").chmod(0o755)
    (directory / "python/code").write_text("# comment\ngateway\n__init__.py\n")
    (package / "gateway").mkdir(parents=True)
    (package / "gateway/app.py").write_text("x = 1\n")
    (package / "__init__.py").touch()
    (package / "cli.py").touch()
    return Scripts(directory=directory, package=package)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def stale(scripts: Scripts, out: Path) -> list[str]:
    return [image.name for image in list_core_images(scripts, out) if not image.is_current]


def build(scripts: Scripts, out: Path) -> None:
    build_core_images(scripts, out, list_core_images(scripts, out))


def test_all_are_missing_at_first_and_current_once_they_are_built(
    scripts: Scripts, out: Path
) -> None:
    before = stale(scripts, out)
    build(scripts, out)

    assert before == list(NAMES)
    assert stale(scripts, out) == []


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda s: (s.package / "gateway/app.py").write_text("x = 2\n"), ["python"]),
        (lambda s: (s.package / "gateway/new.py").touch(), ["python"]),
        (lambda s: (s.package / "cli.py").write_text("x = 2\n"), []),
        (lambda s: (s.package / "gateway/app.pyc").touch(), []),
        (lambda s: (s.directory / "nats/packages").write_text("busybox-static\n"), ["nats"]),
        (lambda s: (s.directory / "base/exclude").touch(), list(NAMES)),
    ],
)
def test_only_what_a_change_concerns_is_built_again(
    scripts: Scripts, out: Path, change: Callable[[Scripts], object], names: list[str]
) -> None:
    build(scripts, out)

    change(scripts)

    assert stale(scripts, out) == names


def test_an_archive_that_is_gone_is_missing(scripts: Scripts, out: Path) -> None:
    build(scripts, out)

    (out / "nats.tar").unlink()

    assert stale(scripts, out) == ["nats"]


def test_a_build_that_fails_is_told_and_leaves_none_for_current(
    scripts: Scripts, out: Path
) -> None:
    build(scripts, out)
    (scripts.directory / "build.sh").write_text("#!/bin/sh\nexit 1\n")

    with pytest.raises(Unavailable, match=r"building nats, .* failed"):
        build(scripts, out)

    assert stale(scripts, out) == list(NAMES)


def test_this_tree_has_the_scripts_and_all_that_the_image_of_our_code_needs() -> None:
    found = find_scripts()
    parts = (found.directory / "python/code").read_text().splitlines()

    assert (found.directory / "build.sh").is_file()
    assert {"base", "gateway", "http", "queue", "queue_worker", "router"} <= set(parts)
