"""Files put in the place of others, all or none, and put back also after a power cut."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import Unavailable
from faasd.installer.files import make_directory, remove_tree, write_file
from faasd.installer.paths import STATE_DIR, Machine

JOURNAL = f"{STATE_DIR}/.restore-under-way"
"""Of the restore of a node."""

_NEW = ".restoring"
_OLD = ".before-restore"
_NONE = ".was-empty"
"""Marks beside a path: what will be there, what was, and that nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Paths and what comes there.

    Attributes:
        journal: says what is under way, and whether all paths were changed already.
        moves: for each path what is copied there, or None where it shall be empty.
    """

    journal: Path
    moves: Mapping[Path, Path | None]

    def prepare(self) -> None:
        """Put everything beside the place where it belongs; nothing is changed yet."""
        for path in self.moves:
            for mark in (_NEW, _OLD, _NONE):
                remove_tree(_beside(path, mark))
        _write(self.journal, list(self.moves), is_done=False)
        for path, source in self.moves.items():
            if not path.parent.is_dir():
                make_directory(path.parent, 0o755)
            if source is not None:
                _copy(source, _beside(path, _NEW))

    def commit(self) -> None:
        """Change everything, in the order given."""
        for path in self.moves:
            if path.exists():
                path.rename(_beside(path, _OLD))
            else:
                _beside(path, _NONE).touch()
            if _beside(path, _NEW).exists():
                _beside(path, _NEW).rename(path)
            _sync(path.parent)
        _write(self.journal, list(self.moves), is_done=True)

    def undo(self) -> None:
        """Put everything back as it was."""
        put_back(self.journal)

    def finish(self) -> None:
        """Forget what was before."""
        _forget(self.journal, list(self.moves))


def is_cut_off(journal: Path) -> bool:
    """Tell whether a power cut left some paths changed and others not."""
    try:
        return not _read(journal)[1]
    except FileNotFoundError:
        return False


def check_whole(machine: Machine) -> None:
    """Check that the node is not half of what a restore was to make of it.

    Raises:
        Unavailable: it is.
    """
    if is_cut_off(machine.at(JOURNAL)):
        raise Unavailable(
            "a restore was cut off here, and this node is half of one, half of another: "
            "`sudo faasd start` puts it back"
        )


def settle(journal: Path) -> None:
    """End what a power cut left: what was changed in part is put back, what wholly was stays.

    Whoever used the machine since then used what had come.
    """
    if is_cut_off(journal):
        put_back(journal)
    elif journal.is_file():
        _forget(journal, _read(journal)[0])


def put_back(journal: Path) -> bool:
    """Undo what a journal tells of; tell whether there was one."""
    if not journal.is_file():
        return False
    paths = _read(journal)[0]
    _write(journal, paths, is_done=False)  # From here on, nothing of what was before may go.
    for path in reversed(paths):
        none = _beside(path, _NONE)
        if _beside(path, _OLD).exists():
            remove_tree(path)
            _beside(path, _OLD).rename(path)
        elif none.exists():
            remove_tree(path)
        remove_tree(none)
        remove_tree(_beside(path, _NEW))
        _sync(path.parent)
    journal.unlink()
    _sync(journal.parent)
    return True


def _write(journal: Path, paths: list[Path], *, is_done: bool) -> None:
    content = {"paths": [str(path) for path in paths], "is_done": is_done}
    write_file(journal, json.dumps(content), 0o600)
    _sync(journal.parent)  # The paths may be on another disk.


def _read(journal: Path) -> tuple[list[Path], bool]:
    """Return the paths of a journal, and whether all were changed."""
    content = json.loads(journal.read_text())
    return [Path(one) for one in content["paths"]], content["is_done"]


def _forget(journal: Path, paths: list[Path]) -> None:
    """Remove what was before; with the journal last, so that nothing secret is left for good."""
    for path in paths:
        for mark in (_OLD, _NONE):
            remove_tree(_beside(path, mark))
    journal.unlink()
    _sync(journal.parent)


def _beside(path: Path, mark: str) -> Path:
    return path.with_name(f".{path.name}{mark}")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        target.mkdir(mode=0o700)
        for one in sorted(source.iterdir()):
            _copy(one, target / one.name)
    else:
        shutil.copy2(source, target)
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sync(directory: Path) -> None:
    if not directory.is_dir():
        return  # Nothing could be put there.
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
