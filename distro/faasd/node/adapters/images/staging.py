"""The directory of downloads under way."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faasd.base.errors import NoRoom, Unavailable

_PREFIX = "fetch-"


class Staging:
    """``ROOT/blobs`` shared by all, and a directory of its own for each fetch."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs = root / "blobs"
        (self.blobs / "sha256").mkdir(mode=0o700, parents=True, exist_ok=True)
        self._remove_abandoned()

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

    def _remove_abandoned(self) -> None:
        for path in self.root.glob(f"{_PREFIX}*"):
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            except BlockingIOError:
                continue  # Its process is alive.
            finally:
                os.close(lock)
