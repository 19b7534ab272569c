"""Processes, found by what they were started as, or by what supervises them."""

import os
from collections.abc import Sequence
from pathlib import Path


def find_processes(command: Sequence[str]) -> Sequence[int]:
    """Return the processes whose command line is exactly this, by pid."""
    wanted = b"".join(word.encode() + b"\0" for word in command)
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _line(entry) == wanted]


def is_supervised(service: Path) -> bool:
    """Tell whether a `runsv` reads the FIFO ``ok`` of a service directory."""
    try:
        os.close(os.open(service / "supervise/ok", os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def _line(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:
        return b""
