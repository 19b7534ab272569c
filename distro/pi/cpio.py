"""Archives that a kernel unpacks as its first root (cpio, "newc"): same input, same bytes."""

import stat
from collections.abc import Mapping
from dataclasses import dataclass

_MAGIC = b"070701"
_TRAILER = "TRAILER!!!"
_BLOCK = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What lies at one path: a file's content, or what a link names; a directory has neither."""

    mode: int
    content: bytes = b""


def directory() -> Entry:
    """Return a directory that everybody may read."""
    return Entry(mode=stat.S_IFDIR | 0o755)


def program(content: bytes) -> Entry:
    """Return a file that can be run."""
    return Entry(mode=stat.S_IFREG | 0o755, content=content)


def plain(content: bytes) -> Entry:
    """Return a file."""
    return Entry(mode=stat.S_IFREG | 0o644, content=content)


def link(target: str) -> Entry:
    """Return a symbolic link."""
    return Entry(mode=stat.S_IFLNK | 0o777, content=target.encode())


def archive(entries: Mapping[str, Entry]) -> bytes:
    """Return the archive: paths in order, the directories above them made, no times, root's."""
    whole = dict(entries)
    for path in entries:
        parts = path.split("/")
        for depth in range(1, len(parts)):
            whole.setdefault("/".join(parts[:depth]), directory())
    packed = [
        _record(path, number, whole[path]) for number, path in enumerate(sorted(whole), start=1)
    ]
    return b"".join(packed) + _record(_TRAILER, 0, Entry(mode=0))


def _record(path: str, number: int, entry: Entry) -> bytes:
    name = path.encode() + b"\0"
    fields = (number, entry.mode, 0, 0, 1, 0, len(entry.content), 0, 0, 0, 0, len(name), 0)
    head = _MAGIC + b"".join(b"%08x" % field for field in fields) + name
    return _padded(head) + _padded(entry.content)


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % _BLOCK)
