"""Who keeps the core services running: one `faasd up` at a time."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from faasd.base.errors import InUse

LOCK = "up.lock"
"""In the node's run directory."""

_PATIENCE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A `faasd up` that runs: its process and its compose file."""

    pid: int
    file: str


@contextmanager
def take_lock(directory: Path, file: str) -> Iterator[None]:
    """Be the one `faasd up`, with this compose file, while it lasts.

    Raises:
        InUse: another one runs.
    """
    with (directory / LOCK).open("a+") as lock:
        if not _lock(lock):
            holder = find_holder(directory)
            who = f" (process {holder.pid}, {holder.file})" if holder else ""
            raise InUse(
                f"another `faasd up` runs{who}: stop it first, or have it read its file again "
                "by `faasd up --reload`"
            )
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n{file}\n")
        lock.flush()
        yield


def _lock(file: TextIO) -> bool:
    """Lock it; who only looks for the holder has it for a moment, too."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        else:
            return True


def find_holder(directory: Path) -> Holder | None:
    """Return the `faasd up` that runs, or None."""
    try:
        with (directory / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        pid, _, file = (directory / LOCK).read_text().partition("\n")
        return Holder(pid=int(pid), file=file.strip()) if pid.isdecimal() else None
    return None
