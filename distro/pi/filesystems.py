"""The two file systems of a card, made without mounting anything."""

import os
import re
import uuid
from collections.abc import Sequence
from pathlib import Path

from pi.bmap import Range
from pi.partitions import ALIGNED
from pi.plan import Plan
from pi.steps import Words, run

BOOT_LABEL, ROOT_LABEL = "CIDATA", "faasd-root"
"""cloud-init takes its settings from the first, by this name."""

_LIMIT = 900.0
_INODES_EACH = 8192
_COUNTS = re.compile(r"^(Inode count|Free inodes): +(\d+)", re.MULTILINE)


def make_boot(plan: Plan, tree: Path, target: Path) -> None:
    """Make the FAT file system that a Pi's firmware reads, with what is in `tree`."""
    target.unlink(missing_ok=True)
    with target.open("wb") as file:
        file.truncate(plan.boot_size)
    number = plan.seed[:4].hex()
    env = {"SOURCE_DATE_EPOCH": str(plan.epoch), "MTOOLS_SKIP_CHECK": "1"}
    made: Words = ["mkfs.fat", "-F", "32", "--invariant", "-i", number, "-n", BOOT_LABEL, target]
    run(made, _LIMIT * plan.patience, log=plan.log, env=env)
    names = sorted(path for path in tree.iterdir())
    copy: Words = ["mcopy", "-i", target, "-s", "-m", "-Q", *names, "::"]
    run(copy, _LIMIT * plan.patience, log=plan.log, env=env)


def make_root(plan: Plan, tree: Path, target: Path) -> int:
    """Make the ext4 file system of the tree; return its size in bytes."""
    size = _root_size(tree, plan.spare)
    target.unlink(missing_ok=True)
    with target.open("wb") as file:
        file.truncate(size)
    own = str(uuid.UUID(bytes=plan.seed[:16], version=4))
    env = {"E2FSPROGS_FAKE_TIME": str(plan.epoch)}
    made: Words = ["mke2fs", "-q", "-t", "ext4", "-L", ROOT_LABEL, "-U", own, "-d", tree, "-m", "1"]
    made = [*made, "-E", f"hash_seed={own},lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0"]
    made = [*made, "-b", "4096", "-i", str(_INODES_EACH), target]
    run(made, _LIMIT * plan.patience, log=plan.log, env=env)
    run(
        ["debugfs", "-w", "-f", "/dev/stdin", target],
        _LIMIT * plan.patience,
        log=Path("/dev/null"),
        stdin=_set_times(plan.epoch, _highest_inode(plan, target)).encode(),
        env=env,
    )
    return size


def free_blocks(plan: Plan, target: Path) -> Sequence[Range]:
    """Return which blocks of an ext4 file system hold nothing."""
    said = plan.work / "dumpe2fs"
    said.unlink(missing_ok=True)
    run(["dumpe2fs", target], _LIMIT * plan.patience, log=said)
    return parse_free(said.read_text())


def parse_free(text: str) -> Sequence[Range]:
    """Read the free blocks out of what dumpe2fs says."""
    found = []
    for line in re.findall(r"^  Free blocks: (.*)$", text, re.MULTILINE):
        for part in filter(None, line.split(", ")):
            first, _, last = part.partition("-")
            found.append(Range(int(first), int(last or first)))
    return found


def join(target: Path, record: bytes, parts: Sequence[tuple[int, Path]], size: int) -> None:
    """Put the boot record and the file systems into one image; zeros take no room in it."""
    target.unlink(missing_ok=True)
    with target.open("wb") as image:
        image.truncate(size)
        image.write(record)
        for start, part in parts:
            _copy_sparse(image.fileno(), start, part)


def _copy_sparse(to: int, start: int, part: Path) -> None:
    chunk = 1 << 16
    zeros = bytes(chunk)
    with part.open("rb") as source:
        place = start
        while read := source.read(chunk):
            if read != zeros[: len(read)]:
                os.pwrite(to, read, place)
            place += len(read)


def _root_size(tree: Path, spare: int) -> int:
    used = sum(_room(path) for path in tree.rglob("*"))
    return -(-(used + used // 16 + spare) // ALIGNED) * ALIGNED


def _room(path: Path) -> int:
    state = path.lstat()
    block = 4096
    content = state.st_size if path.is_file() and not path.is_symlink() else block
    return -(-content // block) * block + 256


def _highest_inode(plan: Plan, target: Path) -> int:
    said = plan.work / "inodes"
    said.unlink(missing_ok=True)
    run(["dumpe2fs", "-h", target], _LIMIT * plan.patience, log=said)
    numbers = {
        name: int(value)
        for name, value in re.findall(
            r"^(Inode count|Free inodes): +(\d+)", said.read_text(), re.MULTILINE
        )
    }
    return numbers["Inode count"] - numbers["Free inodes"]


def _set_times(epoch: int, highest: int) -> str:
    """Return debugfs' commands: mke2fs takes times that no build can choose from the tree."""
    fields = ("atime", "ctime", "crtime")
    extra = ("atime_extra", "ctime_extra", "crtime_extra", "mtime_extra")
    lines = []
    for inode in range(1, highest + 1):
        lines += [f"sif <{inode}> {name} @{epoch}" for name in fields]
        lines += [f"sif <{inode}> {name} 0" for name in extra]
    return "\n".join(lines) + "\n"
