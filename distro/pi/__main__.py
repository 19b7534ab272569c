"""`distro/pi/build.sh`: the command line, and the steps in their order."""

import argparse
import fcntl
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path

from faasd.base.errors import FaasdError, InvalidInput, NotFound
from pi.core import build_images, build_package, build_sample, with_sample
from pi.customize import finish, install_package, settle_times
from pi.emulation import ARCHITECTURES
from pi.image import make_image, publish, write_initrd
from pi.plan import TREE, Plan
from pi.root import base_root, unpack
from pi.sources import Source, find_sources, system_files
from pi.steps import say, step

_NEEDED = {
    "mmdebstrap": "mmdebstrap",
    "arch-test": "arch-test",
    "mkfs.fat": "dosfstools",
    "mcopy": "mtools",
    "mke2fs": "e2fsprogs",
    "xz": "xz-utils",
    "umoci": "umoci",
    "update-ca-certificates": "ca-certificates",
}


def main(arguments: Sequence[str]) -> int:
    """Build an image; return the exit status."""
    options = _parser().parse_args(arguments)
    # Whoever ends a build ends what it started, and has taken back what it registered.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        _check_machine()
        with _working(options) as plan:
            for path in build(plan):
                say(str(path))
    except FaasdError as error:
        sys.stderr.write(f"pi: {error}\n")
        return 1
    return 0


def _leave(number: int, _: object) -> None:
    sys.exit(128 + number)


def build(plan: Plan) -> Sequence[Path]:
    """Build what the plan says; return the files.

    Raises:
        FaasdError: a step failed, or took too long.
    """
    package = build_package(plan)
    base = base_root(plan, package)
    with step("unpacking the root"):
        root = unpack(plan, base)
    build_images(plan, root, package)
    plan = with_sample(plan, build_sample(plan, root))
    install_package(plan, root, package)
    write_initrd(root)
    finish(plan, root)
    settle_times(root, plan.epoch)
    return publish(plan, root, make_image(plan, root))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="distro/pi/build.sh",
        description="Builds the image of a Raspberry Pi that is a node (docs/raspberry-pi.md).",
    )
    add = parser.add_argument
    add("--arch", choices=sorted(ARCHITECTURES), required=True, help="which Pis: see the page")
    add("--firmware", action="store_true", help="with what a real Pi needs, which is not free")
    add("--out", type=Path, default=TREE / "dist", help="where the files go (dist)")
    add("--deb", type=Path, help="a package of faasd that was built before")
    add("--function", type=Path, action="append", default=[], help="an image's archive to hold")
    add("--sources", type=Path, action="append", default=[], help="other apt sources than /etc/apt")
    add("--without-security", action="store_true", help="where a mirror lacks those lists")
    add("--patience", type=float, default=1.0, help="how many times longer steps may take")
    add("--level", type=int, choices=range(10), default=6, help="of xz: 1 is quick, 9 small (6)")
    add("--fresh", action="store_true", help="take newer packages than an earlier run's")
    return parser


def _check_machine() -> None:
    if os.geteuid() != 0:
        raise FaasdError("needs root: sudo distro/pi/build.sh")
    missing = [package for program, package in _NEEDED.items() if not shutil.which(program)]
    if missing:
        raise NotFound(f"missing: apt-get install {' '.join(missing)}")


@contextmanager
def _working(options: argparse.Namespace) -> Iterator[Plan]:
    """Make the plan, with a directory that lasts as long as the block and a lock on the cache."""
    cache = TREE / ".cache/pi"
    own = cache / options.arch
    own.mkdir(parents=True, exist_ok=True)
    with (own / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if options.fresh:
            for path in own.glob("root-*.tar"):
                path.unlink()
        log = own / "log"
        log.write_text("")
        with tempfile.TemporaryDirectory(dir=own, prefix="work-") as work:
            yield _plan(options, cache, Path(work), log)


def _plan(options: argparse.Namespace, cache: Path, work: Path, log: Path) -> Plan:
    for path in (*options.function, *filter(None, [options.deb])):
        if not path.is_file():
            raise InvalidInput(f"there is no file {path}")
    version, stamp = _release()
    return Plan(
        architecture=ARCHITECTURES[options.arch],
        firmware=options.firmware,
        sources=tuple(_sources(options)),
        out=options.out.absolute(),
        cache=cache,
        work=work,
        package=options.deb,
        functions=tuple(options.function),
        epoch=int(os.environ.get("SOURCE_DATE_EPOCH", stamp)),
        patience=options.patience,
        level=options.level,
        version=version,
        log=log,
    )


def _sources(options: argparse.Namespace) -> Sequence[Source]:
    found = find_sources(options.sources or system_files())
    if options.without_security:
        found = [one for one in found if "security" not in one.suite]
    return found


def _release() -> tuple[str, int]:
    """Return the version and the time of distro/debian/changelog's first entry."""
    text = (TREE / "distro/debian/changelog").read_text()
    version = text.partition("(")[2].partition(")")[0]
    signed = next(line for line in text.splitlines() if line.startswith(" -- "))
    return version, int(parsedate_to_datetime(signed.rpartition(">")[2].strip()).timestamp())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
