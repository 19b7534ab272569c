"""Wakes the loop when a FIFO is made or removed: inotify(7).

By libc's own functions: Debian's python3-inotify starts a program to find libc, and doubles what
this process has in memory beside the interpreter.
"""

import ctypes
import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x40, 0x80, 0x100, 0x200
_CHANGES = _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE
_ENOUGH = 64 * 1024

_libc = ctypes.CDLL(None, use_errno=True)


class DirectoryWatch:
    """Says that something changed in a directory; what, is seen by looking there."""

    def __init__(self, directory: Path) -> None:
        """Begin; nothing is watched before `renew`.

        Raises:
            OSError: no more may be watched (fs.inotify.max_user_instances).
        """
        self._directory = directory
        self._fd: int = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise _last_error()

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._fd

    def renew(self) -> None:
        """Make the directory if it is gone, and watch the one that is there now.

        Watching again what is watched already changes nothing.
        """
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _libc.inotify_add_watch(self._fd, os.fsencode(self._directory), _CHANGES) < 0:
            # Where there are no watches left, looking once a second has to do.
            log.debug("cannot watch %s: %s", self._directory, _last_error())

    def clear(self) -> None:
        """Take what it said, so that it can say it again."""
        try:
            os.read(self._fd, _ENOUGH)
        except BlockingIOError:
            return

    def close(self) -> None:
        """Watch no more."""
        os.close(self._fd)


def _last_error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
