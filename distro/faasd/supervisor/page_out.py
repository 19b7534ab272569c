"""`python3 -m faasd.supervisor.page_out`: a node's own programs, what they do not use compressed.

For machines whose swap is compressed memory (zram). Most of what a program has in memory it needed
while it started; the kernel compresses that when memory is short, and in a hurry. As Android does
to applications in the background, all of it is paged out here (MADV_PAGEOUT of process_madvise(2),
Linux 5.10): what is used comes back at its first touch, the rest stays compressed. Functions are
left alone.
"""

import ctypes
import errno
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from faasd.base.names import CORE_NAMESPACE

GROUPS = (
    CORE_NAMESPACE,
    *(f"system.slice/{unit}.service" for unit in ("containerd", "faasd", "faasd-provider")),
)
"""Control groups, and all below them: the core services', and units'."""

_PROCESS_MADVISE, _MADV_PAGEOUT = 440, 21
"""The same numbers on x86-64, arm64 and arm."""
_LIBRARY = ctypes.CDLL(None, use_errno=True)
_GONE = (errno.EINVAL, errno.ENOMEM)
"""Of memory that the process has given back meanwhile, or locked."""


class _Range(ctypes.Structure):
    """`struct iovec`."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def main(root: Path = Path("/")) -> int:
    """Page out what there is, and say how much; return the exit status.

    Raises:
        OSError: the kernel cannot, or this is not root.
    """
    if not has_only_zram((root / "proc/swaps").read_text()):
        sys.stdout.write("swap is not zram alone: nothing is paged out\n")
        return 0
    before = _free_swap(root)
    done = sum(page_out(pid) > 0 for pid in find_processes(root / "sys/fs/cgroup"))
    sys.stdout.write(f"{done} processes, {(before - _free_swap(root)) >> 10} MiB paged out\n")
    return 0


def has_only_zram(swaps: str) -> bool:
    """Tell by /proc/swaps whether what is paged out stays in memory, and wears no card out."""
    names = [line.split()[0] for line in swaps.splitlines()[1:]]
    return bool(names) and all(name.startswith("/dev/zram") for name in names)


def find_processes(groups: Path) -> Sequence[int]:
    """Return the node's own processes, by the unified hierarchy of control groups."""
    return [
        pid
        for name in GROUPS
        for group, _, _ in os.walk(groups / name)
        for pid in _members(Path(group))
    ]


def _members(group: Path) -> Sequence[int]:
    try:
        return [int(pid) for pid in (group / "cgroup.procs").read_text().split()]
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENODEV):  # what was in it has ended meanwhile
            return []
        raise


def page_out(pid: int) -> int:
    """Page out all that a process has of its own; return how many bytes; none where it has ended.

    Raises:
        OSError: it is another user's, or the kernel cannot.
    """
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return 0
    try:
        maps = Path(f"/proc/{pid}/maps").read_text()
        return sum(_advise(process, *one) for one in own_ranges(maps))
    except (FileNotFoundError, ProcessLookupError):
        return 0
    finally:
        os.close(process)


def own_ranges(maps: str) -> Iterator[tuple[int, int]]:
    """Return start and length, in bytes, of what is written and private in /proc/PID/maps."""
    for line in maps.splitlines():
        addresses, rights, _ = line.split(maxsplit=2)
        if rights.startswith("rw") and rights.endswith("p"):
            first, last = (int(number, 16) for number in addresses.split("-"))
            yield first, last - first


def _advise(process: int, first: int, length: int) -> int:
    asked = _Range(first, length)
    done: int = _LIBRARY.syscall(
        _PROCESS_MADVISE, process, ctypes.byref(asked), ctypes.c_size_t(1), _MADV_PAGEOUT, 0
    )
    if done >= 0:
        return done
    number = ctypes.get_errno()
    if number in _GONE:
        return 0
    raise OSError(number, os.strerror(number))


def _free_swap(root: Path) -> int:
    """Return how much of it is free, in KiB."""
    lines = (root / "proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("SwapFree:"))


if __name__ == "__main__":
    sys.exit(main())
