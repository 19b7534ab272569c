"""Unpacked layers on the disk itself.

containerd writes its record of a snapshot through to the disk, but not the files in it: after a
power cut a moment later the record would be there, and the files empty for good.
"""

import ctypes
import errno
import os
from collections.abc import Iterable

from faasd.base.errors import NoRoom, Unavailable
from faasd.node.adapters.containerd.snapshots import Mounts

_libc = ctypes.CDLL(None, use_errno=True)


def flush_snapshot(mounts: Mounts) -> None:
    """Wait until all that was written to a snapshot is on its disk.

    Args:
        mounts: how the snapshot is mounted for writing.

    Raises:
        NoRoom: the disk is full.
        Unavailable: it cannot be written.
    """
    for mount in mounts:
        flush_disk(written_directory(mount.source, mount.options))


def flush_disk(directory: str) -> None:
    """Wait until all of the filesystem that `directory` is in is on its disk.

    Raises:
        NoRoom: the disk is full.
        Unavailable: there is no such directory, or the disk cannot be written.
    """
    try:
        opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Unavailable(f"{directory} cannot be written to its disk: {error.strerror}") from None
    try:
        failed = _libc.syncfs(opened)
        number = ctypes.get_errno()
    finally:
        os.close(opened)
    if failed:
        said = f"writing {directory} to its disk failed: {os.strerror(number)}"
        raise NoRoom(said) if number in (errno.ENOSPC, errno.EDQUOT) else Unavailable(said)


def written_directory(source: str, options: Iterable[str]) -> str:
    """Return where an overlay's own layer is, or what a bind mount shows."""
    for option in options:
        name, _, value = option.partition("=")
        if name == "upperdir":
            return value
    return source
