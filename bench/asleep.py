"""Many functions on one node: what a sleeping one takes, and how soon a start has all of them."""

import json
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench import memory
from bench.clock import milliseconds_since, wait_for
from bench.figures import Figure
from bench.footprint import SETTLE
from bench.stand import STATIC, Stand

LONG = 180.0
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
    stand.front.wait_answers("first")
    before = _used()
    _all(names, lambda name: stand.deploy(name, STATIC))
    _wait_for_all(stand, names, "ready")
    _all(names, lambda name: stand.client.scale(name, 0))
    _wait_for_all(stand, names, "asleep")
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
    wait_for(lambda: _told(stand, state) >= set(names), f"all {state}", LONG)
    taken = milliseconds_since(began) / 1000
    return Figure(
        f"provider restarted, {len(names)} functions {state} → all known", [taken], unit="s"
    )


def _power_cut(stand: Stand, names: Sequence[str]) -> Figure:
    """Take what a reboot takes, and start the node again."""
    stand.machine.power_cut()
    began = time.perf_counter()
    stand.machine.start()
    wait_for(lambda: _told(stand, "ready") >= set(names), "all ready", LONG)
    taken = milliseconds_since(began) / 1000
    stand.machine.wait_up(LONG)
    return Figure(
        f"node started after a power cut, {len(names)} functions → all ready",
        [taken],
        unit="s",
        goal=20,
    )


def _told(stand: Stand, state: str) -> set[str]:
    """Return the functions of a state, as the gateway is told; none until all there is was seen."""
    time.sleep(0.05)
    try:
        lines = stand.routes()
    except OSError:
        return set()
    told = [json.loads(line) for line in lines]
    return {str(one["function"]) for one in told if one.get("state") == state}


def _wait_for_all(stand: Stand, names: Sequence[str], state: str) -> None:
    wait_for(lambda: _told(stand, state) >= set(names), f"all {state}", LONG)


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
