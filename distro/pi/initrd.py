"""The first root of a foreign machine, put together on this one: nothing of it is run here.

A shell and a modprobe (Debian's static busybox for that machine), the modules that `modules.list`
names, and `init`. Having initramfs-tools make one under emulation takes ten times as long.
"""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pi.cpio import Entry, archive, directory, link, plain, program
from pi.modules import Closure, find_closure, read_modules, trim_aliases

HERE = Path(__file__).parent
PROGRAMS = (
    *("awk", "cat", "find", "findfs", "grep", "modprobe", "mount", "reboot", "sh", "sleep"),
    *("sort", "switch_root", "tail", "tr", "umount", "xargs"),
)
"""What `init` calls."""

_DIRECTORIES = ("dev", "proc", "sys", "root", "run", "sbin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Initrd:
    """What was made: the file's content, and what is in it."""

    content: bytes
    modules: Closure


def read_names(path: Path = HERE / "modules.list") -> Sequence[str]:
    """Return the lines of a list that are no comments."""
    lines = (line.strip() for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def make_initrd(root: Path, version: str, names: Sequence[str]) -> Initrd:
    """Make the initrd of the kernel `version` that lies in the tree `root`."""
    base = f"lib/modules/{version}"
    source = root / base
    closure = find_closure(read_modules(source), names)
    entries = {name: directory() for name in _DIRECTORIES}
    entries |= _programs((root / "bin/busybox").read_bytes())
    entries |= {f"{base}/{path}": plain((source / path).read_bytes()) for path in closure.paths}
    entries |= {f"{base}/{name}": plain(text.encode()) for name, text in _indexes(source, closure)}
    return Initrd(content=gzip.compress(archive(entries), 9, mtime=0), modules=closure)


def _programs(busybox: bytes) -> dict[str, Entry]:
    links = {f"bin/{name}": link("busybox") for name in PROGRAMS}
    return {
        "init": program((HERE / "init").read_bytes()),
        "bin/busybox": program(busybox),
        # Where the kernel calls it by itself.
        "sbin/modprobe": link("/bin/busybox"),
        **links,
    }


def _indexes(source: Path, closure: Closure) -> Sequence[tuple[str, str]]:
    kept = set(closure.paths)
    lines = (source / "modules.dep").read_text().splitlines(keepends=True)
    return (
        ("modules.dep", "".join(line for line in lines if line.partition(":")[0] in kept)),
        ("modules.alias", trim_aliases((source / "modules.alias").read_text(), kept)),
    )
