"""Files put in the place of others, all or none, and put back also after a power cut."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faasd.installer.files import make_directory, remove_tree, write_file

_NEW = ".restoring"
_OLD = ".before-restore"
_NONE = ".was-empty"
"""Marks beside a path: what will be there, what was, and that nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Paths and what comes there.

    Attributes:
        journal: says what is under way; while it is there, the paths are not to be trusted.
        moves: for each path what is copied there, or None where it shall be empty.
    """

    journal: Path
    moves: Mapping[Path, Path | None]

    def prepare(self) -> None:
        """Put everything beside the place where it belongs; nothing is changed yet."""
        for path in self.moves:
            for mark in (_NEW, _OLD, _NONE):
                remove_tree(_beside(path, mark))
        write_file(self.journal, json.dumps([str(path) for path in self.moves]), 0o600)
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

    def undo(self) -> None:
        """Put everything back as it was."""
        put_back(self.journal)

    def finish(self) -> None:
        """Forget what was before."""
        self.journal.unlink()
        for path in self.moves:
            for mark in (_OLD, _NONE):
                remove_tree(_beside(path, mark))


def put_back(journal: Path) -> bool:
    """Undo what a journal tells of; tell whether there was one."""
    if not journal.is_file():
        return False
    for path in reversed([Path(one) for one in json.loads(journal.read_text())]):
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
    return True


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
