"""Reading a file of a root without mounting it, from the directories it is made of.

An image may hold any symlink, so that none is followed: a file behind one counts as missing.
"""

import os
import stat
from collections.abc import Sequence

from faasd.node.adapters.containerd.snapshots import Mounts

MAX_SIZE = 2**20
"""Bytes of a passwd or group file that are read."""

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def read_file(mounts: Mounts, path: str) -> str:
    """Return the text of a file of the root; empty where there is none.

    Args:
        mounts: how the snapshotter says to mount the root: an overlay, or one directory.
        path: relative to the root, ``etc/passwd``.
    """
    for directory in _directories(mounts):
        entry = _open(directory, path.split("/"))
        if entry is None:
            continue
        with os.fdopen(entry, "rb") as file:
            # A character device is overlayfs's mark of a file that an upper layer deleted.
            if not stat.S_ISREG(os.fstat(entry).st_mode):
                return ""
            return file.read(MAX_SIZE).decode(errors="replace")
    return ""


def _directories(mounts: Mounts) -> Sequence[str]:
    """Return the directories of the root's layers, the uppermost first."""
    found: list[str] = []
    for mount in mounts:
        if mount.type == "bind":
            found.append(mount.source)
        options = dict(option.partition("=")[::2] for option in mount.options)
        if "upperdir" in options:
            found.append(options["upperdir"])
        found += [lower for lower in options.get("lowerdir", "").split(":") if lower]
    return found


def _open(directory: str, parts: Sequence[str]) -> int | None:
    """Open a file below a directory, through no symlink; None where there is none."""
    opened = [os.open(directory, _FLAGS | os.O_DIRECTORY)]
    try:
        for part in parts[:-1]:
            opened.append(os.open(part, _FLAGS | os.O_DIRECTORY, dir_fd=opened[-1]))
        return _open_last(parts[-1], opened[-1])
    except OSError:
        return None
    finally:
        for entry in opened:
            os.close(entry)


def _open_last(name: str, directory: int) -> int:
    kind = os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode
    # A device is not opened, that might do something; O_PATH is enough to see what it is.
    flags = _FLAGS if stat.S_ISREG(kind) else os.O_PATH | os.O_NOFOLLOW
    return os.open(name, flags, dir_fd=directory)
