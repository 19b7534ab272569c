"""What our processes and the shims need: idle, with few and with many functions."""

import time
from concurrent.futures import ThreadPoolExecutor

from bench import memory
from bench.bare import Bare
from bench.clock import milliseconds_since, wait_for
from bench.figures import Figure
from bench.stand import Stand

FEW, MANY = 10, 110
PYTHON_SERVICES = ("gateway", "queue-worker")
SETTLE = 3.0


def measure_footprint(stand: Stand, bare: Bare) -> list[Figure]:
    """Deploy 10 functions, then 100 more at once, then delete them all."""
    figures = _idle(stand)
    few = [f"few{number}" for number in range(FEW)]
    _deploy_all(stand, few)
    grouped, before = memory.shims(), _ours(stand)
    many = [f"many{number}" for number in range(MANY - FEW)]
    taken = _deploy_all(stand, many)
    after = _ours(stand)
    figures += [
        Figure("100 functions at once → all ready", [taken / 1000], unit="s"),
        Figure(
            "our processes, PSS for each function more (10 → 110)",
            [(after.pss - before.pss) / (MANY - FEW)],
            unit="MiB",
            goal=1,
        ),
        Figure("our processes, PSS with 110 functions", [after.pss], unit="MiB"),
        Figure("all shims, PSS with 110 functions", [memory.shims().pss], unit="MiB"),
    ]
    began = time.perf_counter()
    stand.delete(*few, *many)
    figures += [
        Figure("110 functions deleted → all gone", [milliseconds_since(began) / 1000], unit="s"),
        Figure("our processes, PSS after", [_ours(stand).pss], unit="MiB"),
        Figure(
            "shims of 10 containers, PSS (a shim each)",
            [grouped.pss],
            [_shims_of_bare(bare)],
            unit="MiB",
        ),
    ]
    return figures


def _idle(stand: Stand) -> list[Figure]:
    """Measure the programs as they are after a first function: everything is loaded then."""
    worker = max(
        (memory.memory_of([pid]) for pid in memory.tree(stand.machine.pid_of("provider"))),
        key=lambda used: used.rss,
    )
    return [
        Figure("provider idle, RSS (gunicorn's worker)", [worker.rss], unit="MiB", goal=60),
        Figure(
            "provider idle, PSS with gunicorn's master", [_used(stand, "provider").pss], unit="MiB"
        ),
        Figure("`faasd up` with the log collector idle, RSS", [_used(stand, "up").rss], unit="MiB"),
        *_services(stand),
    ]


def _services(stand: Stand) -> list[Figure]:
    """Measure the core services, and all that is Python."""
    services = {
        name: memory.memory_of(memory.tree(pid))
        for name, pid in stand.machine.service_pids().items()
    }
    figures = [
        Figure(f"{name} idle, RSS", [used.rss], unit="MiB")
        for name, used in sorted(services.items())
    ]
    python = [services[name] for name in PYTHON_SERVICES]
    python += [_used(stand, program) for program in stand.machine.programs]
    return [
        *figures,
        Figure(
            "all our Python processes idle, together (a shared page once)",
            [sum(one.pss for one in python)],
            unit="MiB",
            goal=150,
        ),
        Figure("… their RSS added up", [sum(one.rss for one in python)], unit="MiB"),
    ]


def _deploy_all(stand: Stand, names: list[str]) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(stand.deploy, names))
    wait_for(lambda: _ready(stand) >= set(names), "all ready", 120)
    taken = milliseconds_since(began)
    time.sleep(SETTLE)
    return taken


def _ready(stand: Stand) -> set[str]:
    time.sleep(0.05)
    listed = stand.client.call("GET", "/system/functions").json
    return {one["name"] for one in listed if one["availableReplicas"]}


def _shims_of_bare(bare: Bare) -> float:
    names = [f"alone{number}" for number in range(FEW)]
    for name in names:
        bare.run(name)
    time.sleep(SETTLE)
    used = memory.shims().pss
    for name in names:
        bare.remove(name)
    return used


def _used(stand: Stand, program: str) -> memory.Memory:
    return memory.memory_of(memory.tree(stand.machine.pid_of(program)))


def _ours(stand: Stand) -> memory.Memory:
    total = memory.Memory(0, 0)
    for program in stand.machine.programs:
        total += _used(stand, program)
    return total
