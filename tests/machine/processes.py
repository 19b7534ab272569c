"""The processes of a sandbox: found by name, killed, waited for."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def require_sandbox() -> None:
    """Raise unless this is a sandbox: everything that is killed or unmounted here is the test's."""
    if "FAASD_SANDBOX" not in os.environ:
        raise RuntimeError("run this through tests/sandbox/enter, or ./test.sh")


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait for `condition` and return how many seconds it took; raise AssertionError when late."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)
    return time.monotonic() - began


def find_pids(name: str) -> list[int]:
    """Return the processes whose name (15 characters at most) is `name`; zombies are none."""
    require_sandbox()
    return [pid for pid in _all_pids() if _stat(pid)[:1] != ["Z"] and _name(pid) == name[:15]]


def find_children(parent: int) -> list[int]:
    """Return the processes that `parent` started."""
    return [pid for pid in _all_pids() if _stat(pid)[1:2] == [str(parent)]]


def command_line(pid: int) -> list[str]:
    """Return the arguments of a process; none of one that is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    except OSError:
        return []


def kill_all(pids: list[int], seconds: float = 10) -> None:
    """Send SIGKILL and wait until all are gone."""
    require_sandbox()
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    wait_until(lambda: not any(is_alive(pid) for pid in pids), seconds, f"end of {pids}")


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    state = _stat(pid)[:1]
    return bool(state) and state != ["Z"]


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


@contextmanager
def no_thread_left() -> Iterator[None]:
    """Hold a test to ending every thread that it began."""
    before = set(threading.enumerate())
    yield
    wait_until(lambda: set(threading.enumerate()) <= before, 5, "no thread left")
