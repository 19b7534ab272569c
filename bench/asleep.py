"""Many functions on one node: what a sleeping one takes, and how soon a start has all of them."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench import memory
from bench.clock import PATIENCE, milliseconds_since, wait_for
from bench.figures import Figure
from bench.footprint import SETTLE
from bench.stand import STATIC, Stand
from tests.e2e.client import Unreachable

LONG, LOOK = 180.0, 0.05
"""Seconds: for all of them to come, and between looks, which must not be a load of their own."""

KERNEL = ("SUnreclaim", "Percpu", "KernelStack", "PageTables", "VmallocUsed")
"""Lines of /proc/meminfo: what namespaces, network devices and mounts take is in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """MiB: of every process in this sandbox but the bench's own, and of the whole kernel."""

    processes: float
    kernel: float


def measure_asleep(stand: Stand, count: int) -> list[Figure]:
    """Deploy many, let all sleep, and start the node with them: asleep, then awake."""
    names = [f"many{number}" for number in range(count)]
    stand.deploy("first", STATIC)
    stand.front.wait_answers("first", PATIENCE)
    before = _used()
    _all(names, lambda name: stand.deploy(name, STATIC))
    _wait_for_all(stand, names, "ready")
    _all(names, lambda name: stand.client.scale(name, 0))
    wait_for(lambda: _tasks(stand) == 1, "only the first runs", LONG)
    after = _used()
    figures = [
        *_compare(before, after, count),
        _restart(stand, names, "asleep"),
    ]
    _all(names, lambda name: stand.client.scale(name, 1))
    _wait_for_all(stand, names, "ready")
    figures += [_restart(stand, names, "ready"), _power_cut(stand, [*names, "first"])]
    stand.delete(*names, "first")
    return figures


def _compare(before: Used, after: Used, count: int) -> list[Figure]:
    processes = (after.processes - before.processes) / count
    kernel = (after.kernel - before.kernel) / count
    return [
        Figure(f"each of {count} functions asleep, all processes (PSS)", [processes], unit="MiB"),
        Figure("… the kernel's part", [kernel], unit="MiB"),
        Figure("… together", [processes + kernel], unit="MiB", goal=2),
    ]


def _restart(stand: Stand, names: Sequence[str], state: str) -> Figure:
    """Kill the provider, and start it again."""
    stand.machine.kill_program("provider")
    began = time.perf_counter()
    stand.machine.start_program("provider")
    wait_for(lambda: _has_seen_all(stand), "all seen", LONG)
    _wait_for_all(stand, names, state)
    taken = milliseconds_since(began) / 1000
    return Figure(
        f"provider restarted, {len(names)} functions {state} → all known", [taken], unit="s"
    )


def _power_cut(stand: Stand, names: Sequence[str]) -> Figure:
    """Take what a reboot takes, and start the node again."""
    stand.machine.power_cut()
    began = time.perf_counter()
    stand.machine.start()
    _wait_for_all(stand, names, "ready")
    taken = milliseconds_since(began) / 1000
    stand.machine.wait_up(LONG)
    return Figure(
        f"node started after a power cut, {len(names)} functions → all ready",
        [taken],
        unit="s",
        goal=20,
    )


def _has_seen_all(stand: Stand) -> bool:
    time.sleep(LOOK)
    try:
        return bool(stand.routes())
    except Unreachable:
        return False


def _wait_for_all(stand: Stand, names: Sequence[str], state: str) -> None:
    wait_for(lambda: _in_state(stand, state) >= set(names), f"all {state}", LONG)


def _in_state(stand: Stand, state: str) -> set[str]:
    """Return the functions of a state, by the list that people see."""
    time.sleep(LOOK)
    try:
        listed = stand.client.call("GET", "/system/functions").json
    except (*Unreachable, ValueError):
        return set()
    return {
        str(one["name"])
        for one in listed
        if one["annotations"]["com.openfaas.status.state"] == state
    }


def _tasks(stand: Stand) -> int:
    return len(stand.machine.containerd.ctr("tasks", "ls", "-q").split())


def _all(names: Sequence[str], act: Callable[[str], object]) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(act, names))


def _used() -> Used:
    time.sleep(SETTLE)
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    processes = memory.memory_of(pid for pid in pids if pid != os.getpid())
    lines = Path("/proc/meminfo").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return Used(processes=processes.pss, kernel=sum(sizes[name] for name in KERNEL) / memory.MIB)
