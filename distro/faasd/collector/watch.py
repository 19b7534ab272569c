"""Hears of files that come and go in one directory (inotify(7))."""

import os
from pathlib import Path

from inotify import calls, constants

_READ = 64 * 1024


class DirectoryWatch:
    """Readable when something came or went."""

    def __init__(self, directory: Path) -> None:
        self._descriptor: int = calls.inotify_init()
        os.set_blocking(self._descriptor, False)
        mask = constants.IN_CREATE | constants.IN_DELETE | constants.IN_MOVED_TO
        calls.inotify_add_watch(self._descriptor, os.fsencode(directory), mask)

    def fileno(self) -> int:
        """Return the file descriptor, for a selector."""
        return self._descriptor

    def clear(self) -> None:
        """Forget what was heard: the directory is then looked at as a whole."""
        try:
            while os.read(self._descriptor, _READ):
                pass
        except BlockingIOError:
            return

    def close(self) -> None:
        """Stop listening."""
        os.close(self._descriptor)
