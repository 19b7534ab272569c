"""The directory of downloads under way."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from faasd.base.errors import NoRoom, Unavailable

_PREFIX = "fetch-"
BLOB_LIFETIME = 7 * 24 * 3600.0
"""Seconds that blobs of a cut fetch wait for another try."""


class Staging:
    """``ROOT/blobs`` shared by all, and a directory of its own for each fetch."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs = root / "blobs"
        (self.blobs / "sha256").mkdir(mode=0o700, parents=True, exist_ok=True)
        self._guard = Lock()
        self._users = 0
        self._lock = -1
        self._finished: set[Path] = set()
        self._remove_abandoned()

    def enter(self) -> None:
        """Begin to use the shared blobs; nobody removes one until `leave`."""
        with self._guard:
            if self._users == 0:
                self._lock = os.open(self.blobs, os.O_RDONLY | os.O_DIRECTORY)
                fcntl.flock(self._lock, fcntl.LOCK_SH)
            self._users += 1

    def leave(self, finished: Iterable[Path] = ()) -> None:
        """End that; `finished` blobs are removed as soon as no process uses any.

        What a cut fetch brought is not among them, and is there for the next one.
        """
        with self._guard:
            self._finished.update(finished)
            self._users -= 1
            if self._users == 0:
                self._remove_finished()
                os.close(self._lock)

    @contextmanager
    def directory(self) -> Iterator[Path]:
        """Make a directory, locked and there for as long as the block runs.

        Raises:
            NoRoom: the disk is full.
        """
        try:
            path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self.root))
        except OSError as error:
            kind = NoRoom if "space" in str(error) else Unavailable
            raise kind(f"cannot write to {self.root}: {error}") from error
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)

    def _remove_finished(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # Another process uses them: the next one to leave removes ours.
        for path in self._finished:
            path.unlink(missing_ok=True)
        self._finished.clear()

    def _remove_abandoned(self) -> None:
        """Remove what killed processes left: directories at once, blobs when nobody came back."""
        for blob in self.blobs.glob("sha256/*"):
            if time.time() - blob.stat().st_mtime > BLOB_LIFETIME:
                blob.unlink(missing_ok=True)
        for path in self.root.glob(f"{_PREFIX}*"):
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            except BlockingIOError:
                continue  # Its process is alive.
            finally:
                os.close(lock)
