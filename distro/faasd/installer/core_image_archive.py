"""All core images in one file: built on one machine, used by others that build none.

The file is a tar with ``about.json`` first, then ``NAME.tar`` and ``NAME.key`` of each image.
"""

import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from faasd.base.errors import InvalidInput, NotFound, Unavailable
from faasd.installer.core_images import NAMES, CoreImage, Scripts, release_key

_ABOUT = "about.json"
_ABOUT_LIMIT = 4096
_FILES = tuple(f"{name}.{kind}" for name in NAMES for kind in ("tar", "key"))


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What images can run on, and with what.

    Attributes:
        architecture: as dpkg calls it, like ``amd64``.
        release: a digest of our code in them and of the scripts that built them.
    """

    architecture: str
    release: str


def this_machine(scripts: Scripts) -> About:
    """Return what images must be about to be used here.

    Raises:
        Unavailable: dpkg is missing or failed.
    """
    command = ["dpkg", "--print-architecture"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(f"cannot tell this machine's architecture: {error}") from None
    return About(architecture=asked.stdout.strip(), release=release_key(scripts))


def export_core_images(about: About, images: Sequence[CoreImage], out: Path, target: Path) -> None:
    """Put the images of `out` into the file `target`, at once.

    Raises:
        NotFound: one is missing or not as it should be.
    """
    stale = [image.name for image in images if not image.is_current]
    if stale:
        raise NotFound(f"not built, or outdated: {', '.join(stale)}; build them first")
    # Whoever else may write to this directory cannot know the name, nor put a link in its place.
    descriptor, path = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    new = Path(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as archive:
                _add(archive, _ABOUT, json.dumps(asdict(about)).encode())
                for name in _FILES:
                    archive.add(out / name, name, filter=_plain)
            file.flush()
            os.fsync(descriptor)
            os.fchmod(descriptor, 0o644)
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)


def import_core_images(about: About, source: Path, out: Path) -> None:
    """Put the images of the file `source` into `out`: all of them, or none.

    Raises:
        NotFound: there is no such file.
        InvalidInput: it is no such archive, is damaged, or is for another architecture or release.
    """
    if not source.is_file():
        raise NotFound(f"there is no file {source}")
    with tempfile.TemporaryDirectory(dir=out, prefix=".import-") as new:
        try:
            with tarfile.open(source, "r:") as archive:
                _check(_read_about(archive), about, source)
                for name in _FILES:
                    _extract(archive, name, Path(new))
        except (tarfile.TarError, KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"{source} is no archive of core images: {error}") from None
        _put(Path(new), out)


def _put(new: Path, out: Path) -> None:
    """Replace what is there; cut off in between, an image without its key counts as outdated."""
    for name in NAMES:
        (out / f"{name}.key").unlink(missing_ok=True)
    for name in _FILES:
        (new / name).replace(out / name)


def _check(found: About, wanted: About, source: Path) -> None:
    if found.architecture != wanted.architecture:
        raise InvalidInput(
            f"{source} has images for {found.architecture}; this machine is {wanted.architecture}"
        )
    if found.release != wanted.release:
        raise InvalidInput(f"{source} was built by another release than the one that is installed")


def _read_about(archive: tarfile.TarFile) -> About:
    file = archive.extractfile(_ABOUT)
    if file is None:
        raise ValueError(f"{_ABOUT} is no file")
    said = json.loads(file.read(_ABOUT_LIMIT))
    return About(architecture=str(said["architecture"]), release=str(said["release"]))


def _extract(archive: tarfile.TarFile, name: str, into: Path) -> None:
    file = archive.extractfile(name)
    if file is None:
        raise ValueError(f"{name} is no file")
    with (into / name).open("wb") as target:
        shutil.copyfileobj(file, target)
        target.flush()
        os.fsync(target.fileno())
    (into / name).chmod(0o644)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o644
    return info
