"""A directory for what is secret and half done; nobody else reads it, and it goes in the end."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faasd.base.errors import InUse, NoRoom, Unavailable
from faasd.installer.paths import STATE_DIR, Machine

_PREFIX = ".backup-"
_SPARE = 64 * 2**20
"""Bytes that a backup leaves of the disk."""


@contextmanager
def staging_directory(machine: Machine) -> Iterator[Path]:
    """Make one below the state directory, alone: no other backup or restore runs meanwhile.

    What one that was killed left there is removed.

    Raises:
        InUse: another is at work.
        Unavailable: the node was not installed.
    """
    root = machine.at(STATE_DIR)
    with alone(machine):
        for left in root.glob(f"{_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=root) as path:
            yield Path(path)


@contextmanager
def alone(machine: Machine) -> Iterator[None]:
    """Keep every backup and restore of this machine from work.

    Raises:
        InUse: one is at work.
        Unavailable: the node was not installed.
    """
    try:
        lock = os.open(machine.at(STATE_DIR), os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        raise Unavailable(f"{STATE_DIR} is missing: run `faasd install` first") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse("another backup or restore is at work on this node") from None
        yield
    finally:
        os.close(lock)


def check_room(directory: Path, size: int) -> None:
    """Check that so many bytes fit.

    Raises:
        NoRoom: they do not.
    """
    free = shutil.disk_usage(directory).free - _SPARE
    if size > free:
        raise NoRoom(
            f"{size // 2**20} MiB are needed below {directory.parent}, "
            f"{max(free, 0) // 2**20} MiB are free"
        )
