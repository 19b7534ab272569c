"""Reading a file of a root without mounting it, from the directories it is made of.

The directories are merged as overlayfs does (Linux, Documentation/filesystems/overlayfs): upper
ones hide lower ones, a 0/0 character device is a deleted name, an opaque directory hides all below
it. Symlinks are followed by hand within the root: an image may hold any, and none leads out.
"""

import os
import stat
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from faasd.node.adapters.containerd.snapshots import Mounts

MAX_SIZE = 2**20
"""Bytes of a passwd or group file that are read."""

MAX_LINKS = 40
"""Symlinks that one look-up follows, as in Linux."""

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_OPAQUE = "trusted.overlay.opaque"

Merged = Sequence[int]
"""One directory of the root: its parts in the layers, opened, the uppermost first."""


def read_file(mounts: Mounts, path: str) -> str:
    """Return the text of a file of the root; empty where there is none.

    Args:
        mounts: how the snapshotter says to mount the root: an overlay, or one directory.
        path: relative to the root, ``etc/passwd``.
    """
    with ExitStack() as opened, suppress(OSError):
        root = _open_all(_directories(mounts), opened)
        found = _Walk(root=root, opened=opened).find(path)
        if found is not None:
            return _read(found)
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A name in one layer's directory, and what kind of file it is."""

    name: str
    directory: int
    mode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """A walk through a root, symlinks included."""

    root: Merged
    opened: ExitStack

    def find(self, path: str) -> _Found | None:
        """Return the regular file at a path, or None."""
        here, links = [self.root], 0
        parts = path.split("/")
        while parts:
            name = parts.pop(0)
            if name in ("", ".", ".."):
                here = here[: max(len(here) - 1, 1)] if name == ".." else here
                continue
            found = self._look_up(here[-1], name)
            if isinstance(found, _Found) and stat.S_ISLNK(found.mode) and links < MAX_LINKS:
                links += 1
                target = os.readlink(name, dir_fd=found.directory)
                here = here[:1] if target.startswith("/") else here
                parts = target.split("/") + parts
            elif isinstance(found, _Found):
                return found if not parts and stat.S_ISREG(found.mode) else None
            else:
                here = [*here, found]
        return None

    def _look_up(self, directory: Merged, name: str) -> "_Found | Merged":
        """Return what a name is: a file of the uppermost layer that has it, or a directory."""
        merged: list[int] = []
        for part in directory:
            mode = _mode(name, part)
            if mode is None:
                continue
            if not stat.S_ISDIR(mode):
                # What is below a whiteout or a file is hidden by it.
                return merged or _Found(name=name, directory=part, mode=mode)
            entry = os.open(name, _FLAGS | os.O_DIRECTORY, dir_fd=part)
            self.opened.callback(os.close, entry)
            merged.append(entry)
            if _is_opaque(entry):
                break
        return merged


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


def _open_all(directories: Sequence[str], opened: ExitStack) -> Merged:
    entries = []
    for directory in directories:
        entry = os.open(directory, _FLAGS | os.O_DIRECTORY)
        opened.callback(os.close, entry)
        entries.append(entry)
    return entries


def _mode(name: str, directory: int) -> int | None:
    try:
        return os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return None


def _is_opaque(directory: int) -> bool:
    try:
        return os.getxattr(directory, _OPAQUE) == b"y"
    except OSError:
        return False


def _read(found: _Found) -> str:
    with os.fdopen(os.open(found.name, _FLAGS, dir_fd=found.directory), "rb") as file:
        return file.read(MAX_SIZE).decode(errors="replace")
