"""Files and directories written so that nobody ever sees half of one."""

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from faasd.installer.paths import PRISTINE_DIR, Machine


class Change(Enum):
    """What to do with a configuration file that people may edit."""

    WRITE = "written"
    LEAVE = "as it was"
    KEEP_EDITED = "kept as you edited it"


def decide_change(found: str | None, shipped: str, pristine: str | None) -> Change:
    """Decide over a file from what it holds, what we ship, and what we last wrote there."""
    if found is None or (found == pristine and found != shipped):
        return Change.WRITE
    return Change.LEAVE if found == shipped else Change.KEEP_EDITED


def write_config(machine: Machine, path: str, shipped: str) -> str:
    """Write a configuration file unless it was edited since we wrote it; say what was done."""
    target, pristine = machine.at(path), _pristine(machine, path)
    change = decide_change(_read(target), shipped, _read(pristine))
    if change is Change.WRITE:
        write_file(target, shipped, 0o644)
    if change is not Change.KEEP_EDITED:
        write_file(pristine, shipped, 0o644)
    return f"{path} {change.value}"


def is_edited(machine: Machine, path: str) -> bool:
    """Tell whether a configuration file is there and is not what we last wrote."""
    found = _read(machine.at(path))
    return found is not None and found != _read(_pristine(machine, path))


def write_file(path: Path, text: str, mode: int) -> None:
    """Put `text` into the file at once, with these permissions from its first moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(
        os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", errors="surrogateescape"
    ) as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


@contextmanager
def put_back_on_failure(paths: Sequence[Path]) -> Iterator[None]:
    """Let these files be as they were where the block does not come to its end."""
    before = {path: _keep(path) for path in paths}
    try:
        yield
    except BaseException:
        for path, kept in before.items():
            if kept is not None:
                write_file(path, *kept)
            else:
                path.unlink(missing_ok=True)
        raise


def make_directory(path: Path, mode: int) -> bool:
    """Make the directory if it is missing, set its permissions; tell whether anything changed."""
    is_new = not path.is_dir()
    path.mkdir(parents=True, exist_ok=True)
    if stat.S_IMODE(path.stat().st_mode) == mode:
        return is_new
    path.chmod(mode)
    return True


def remove_tree(path: Path) -> bool:
    """Remove a file or a directory with all in it; tell whether it was there.

    A directory that is a disk's own place (docs/cloud.md) is emptied and stays.
    """
    if path.is_dir() and not path.is_symlink():
        if path.is_mount():
            for one in list(path.iterdir()):
                remove_tree(one)
        else:
            shutil.rmtree(path)
        return True
    if not path.is_symlink() and not path.exists():
        return False
    path.unlink()
    return True


def _pristine(machine: Machine, path: str) -> Path:
    return machine.at(PRISTINE_DIR) / Path(path).name


def _read(path: Path) -> str | None:
    """Return what a file holds, to be compared; people may put there what is no text."""
    try:
        return path.read_text(errors="surrogateescape")
    except FileNotFoundError:
        return None


def _keep(path: Path) -> tuple[str, int] | None:
    """Return what a file holds, and its permissions."""
    text = _read(path)
    return None if text is None else (text, stat.S_IMODE(path.stat().st_mode))
