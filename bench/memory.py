"""Memory of processes, as the kernel counts it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.machine.processes import find_children, find_pids

MIB = 1024.0


@dataclass(frozen=True)
class Memory:
    """MiB: resident, and proportional (what is shared is divided among those who share it)."""

    rss: float
    pss: float

    def __add__(self, other: "Memory") -> "Memory":
        return Memory(self.rss + other.rss, self.pss + other.pss)


def memory_of(pids: Iterable[int]) -> Memory:
    """Return what the processes use together; those that are gone use nothing."""
    total = Memory(0, 0)
    for pid in pids:
        total += _one(pid)
    return total


def tree(pid: int) -> list[int]:
    """Return a process and all that it started."""
    return [pid, *(below for child in find_children(pid) for below in tree(child))]


def shims() -> Memory:
    """Return what all shims use."""
    return memory_of(find_pids("containerd-shim"))


def _one(pid: int) -> Memory:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return Memory(0, 0)
    values = {line.split(":")[0]: line.split()[1] for line in lines[1:]}
    return Memory(int(values["Rss"]) / MIB, int(values["Pss"]) / MIB)
