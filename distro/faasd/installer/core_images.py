"""The images of core services, built on this machine; which of them are not what they should be.

The scripts that build them are in `distro/core-image`, and in the package.
"""

import hashlib
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import NotFound, Unavailable

INSTALLED = Path("/usr/share/faasd/core-image")
PACKAGE = Path(__file__).parents[1]
"""Our own Python package, of which one image holds a part."""

NAMES = ("nats", "prometheus", "router", "python")
Candidates = Callable[[Sequence[str]], Mapping[str, str]]

_CODE = "code"
_SHARED = ("build.sh", "base")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripts:
    """What builds images, and from what of ours.

    Attributes:
        directory: where ``build.sh`` is.
        package: our own Python package.
    """

    directory: Path
    package: Path = PACKAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreImage:
    """One image: what it should be made of, and what the archive that is there was made of.

    Attributes:
        key: a digest of all that it is made of: scripts, versions of packages, our code.
        found: the key of the archive; empty where there is none.
    """

    name: str
    key: str
    found: str

    @property
    def is_current(self) -> bool:
        """Tell whether the archive is as it should be."""
        return self.key == self.found


def find_scripts() -> Scripts:
    """Return the scripts beside this code, or those of the package.

    Raises:
        NotFound: there are none.
    """
    for directory in (PACKAGE.parent / "core-image", INSTALLED):
        if (directory / "build.sh").is_file():
            return Scripts(directory=directory)
    raise NotFound(f"what builds core images is missing: {INSTALLED}; install the package again")


def list_core_images(
    scripts: Scripts, out: Path, candidates: Candidates | None = None
) -> Sequence[CoreImage]:
    """Return all images as they should be, and as they are in `out`.

    `candidates` tells the versions that apt would install, for other machines than this one.
    """
    packages = {name: _packages(scripts, name) for name in NAMES}
    wanted = sorted({one for names in packages.values() for one in names})
    versions = (candidates or _candidates)(wanted)
    return [
        CoreImage(
            name=name,
            key=_key(scripts, name, [f"{one} {versions.get(one)}" for one in packages[name]]),
            found=_found(out, name),
        )
        for name in NAMES
    ]


def build_core_images(scripts: Scripts, out: Path, images: Sequence[CoreImage]) -> None:
    """Build images into `out`; what the scripts say is shown.

    Raises:
        Unavailable: a program is missing, or it failed.
    """
    names = [image.name for image in images]
    for name in names:
        _key_file(out, name).unlink(missing_ok=True)
    ended = subprocess.run([scripts.directory / "build.sh", out, *names], check=False)
    if ended.returncode:
        raise Unavailable(f"building {', '.join(names)} failed; the reason is above")
    mark_core_images(out, images)


def mark_core_images(out: Path, images: Sequence[CoreImage]) -> None:
    """Write down that the archives in `out` are made of what they should be made of."""
    for image in images:
        _key_file(out, image.name).write_text(image.key + "\n")


def release_key(scripts: Scripts) -> str:
    """Return a digest of what of ours the images are made of, whatever Debian's versions are."""
    digest = hashlib.sha256()
    for name in NAMES:
        digest.update(_key(scripts, name, ()).encode())
    return digest.hexdigest()


def _packages(scripts: Scripts, name: str) -> list[str]:
    files = (scripts.directory / part / "packages" for part in ("base", name))
    return [package for file in files for package in _lines(file)]


def _key(scripts: Scripts, name: str, versions: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for part in (*_SHARED, name):
        _add_files(digest, scripts.directory, _files(scripts.directory / part))
    digest.update("\n".join(versions).encode())
    for part in _lines(scripts.directory / name / _CODE):
        _add_files(digest, scripts.package, _files(scripts.package / part))
    return digest.hexdigest()


def _add_files(digest: "hashlib._Hash", base: Path, files: Iterable[Path]) -> None:
    for path in files:
        digest.update(f"{path.relative_to(base)}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for below in sorted(path.rglob("*")):
        if below.is_file() and below.suffix != ".pyc":
            yield below


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def _candidates(packages: Sequence[str]) -> Mapping[str, str]:
    """Return the versions that apt would install now, so that updates are seen."""
    asked = subprocess.run(
        ["apt-cache", "policy", *packages],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )
    return read_policy(asked.stdout)


def read_policy(text: str) -> Mapping[str, str]:
    """Return the candidates that `apt-cache policy` named."""
    versions: dict[str, str] = {}
    package = ""
    for line in text.splitlines():
        if not line.startswith(" "):
            package = line.removesuffix(":")
        elif line.startswith("  Candidate: "):
            versions[package] = line.removeprefix("  Candidate: ")
    return versions


def _found(out: Path, name: str) -> str:
    key = _key_file(out, name)
    is_there = (out / f"{name}.tar").is_file() and key.is_file()
    return key.read_text().strip() if is_there else ""


def _key_file(out: Path, name: str) -> Path:
    return out / f"{name}.key"
