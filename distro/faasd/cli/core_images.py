"""`faasd core-images`: the images that `faasd up` runs, built on this machine."""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from faasd.cli.table import render_table
from faasd.installer.core_image_archive import (
    export_core_images,
    import_core_images,
    this_machine,
)
from faasd.installer.core_images import build_core_images, find_scripts, list_core_images
from faasd.installer.paths import CORE_IMAGES_DIR

_OUT = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(CORE_IMAGES_DIR),
    show_default=True,
    help="Where the archives are.",
)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(name="core-images")
def core_images() -> None:
    """Images of the core services, built from Debian's packages."""


@core_images.command()
@_OUT
@click.option("--all", "everything", is_flag=True, help="Build those that are current, too.")
def build(out: Path, everything: bool) -> None:  # noqa: FBT001
    """Build what is missing or not as it should be; `faasd up --reload` then runs it.

    It needs mmdebstrap, umoci and python3-pip, and apt's mirror.
    """
    scripts = find_scripts()
    with _locked(out):
        images = list_core_images(scripts, out)
        wanted = [image for image in images if everything or not image.is_current]
        if wanted:
            build_core_images(scripts, out.absolute(), wanted)
        else:
            print(f"all images are current: {out}")


@core_images.command(name="export")
@click.argument("file", type=_FILE)
@_OUT
def export(file: Path, out: Path) -> None:
    """Put all images into FILE, for machines of the same architecture and release."""
    scripts = find_scripts()
    with _locked(out):
        export_core_images(this_machine(scripts), list_core_images(scripts, out), out, file)
    print(f"core images of {out} are in {file}")


@core_images.command(name="import")
@click.argument("file", type=_FILE)
@_OUT
def import_(file: Path, out: Path) -> None:
    """Take all images from FILE instead of building them; `faasd up --reload` then runs them."""
    with _locked(out):
        import_core_images(this_machine(find_scripts()), file, out)
    print(f"core images of {file} are in {out}")


@core_images.command(name="list")
@_OUT
def list_images(out: Path) -> None:
    """Tell which images are current; ends with 3 when one is not."""
    images = list_core_images(find_scripts(), out)
    states = [
        (image.name, "current" if image.is_current else "outdated" if image.found else "missing")
        for image in images
    ]
    print(render_table(("IMAGE", "STATE"), states))
    sys.exit(0 if all(image.is_current for image in images) else 3)


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Keep others from writing images meanwhile."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
