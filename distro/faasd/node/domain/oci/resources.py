"""Limits as cgroup settings, which runc writes for version 1 and 2 alike."""

from faasd.node.domain.container import Limits

CPU_PERIOD = 100_000
"""Microseconds."""

CORE_SHARES = 1024
"""Of a request of one core, as Kubernetes has it; a container without a request has as many."""

MOST_SHARES = 262_144
"""The kernel takes no more."""

_DEVICES = (
    ("c", 1, 3),  # null
    ("c", 1, 5),  # zero
    ("c", 1, 7),  # full
    ("c", 1, 8),  # random
    ("c", 1, 9),  # urandom
    ("c", 5, 0),  # tty
    ("c", 5, 2),  # ptmx
    ("c", 136, None),  # pts/*
)


def build_resources(limits: Limits) -> dict[str, object]:
    """Return ``linux.resources``: memory with swap, CPU time, processes, devices."""
    resources: dict[str, object] = {
        "devices": [_deny_all(), *(_allow(*device) for device in _DEVICES)],
        "pids": {"limit": limits.pids},
    }
    memory, cpu = _memory(limits), _cpu(limits)
    return resources | ({"memory": memory} if memory else {}) | ({"cpu": cpu} if cpu else {})


def _memory(limits: Limits) -> dict[str, int]:
    memory: dict[str, int] = {}
    if limits.memory is not None:
        memory["limit"] = limits.memory
        if not limits.swappable:
            # Swap counts together with memory here: the same number means none of it.
            memory["swap"] = limits.memory
    if limits.memory_request is not None:
        memory["reservation"] = limits.memory_request
    return memory


def _cpu(limits: Limits) -> dict[str, int]:
    cpu: dict[str, int] = {}
    if limits.cpu is not None:
        cpu |= {"quota": max(limits.cpu * CPU_PERIOD // 1000, 1000), "period": CPU_PERIOD}
    if limits.cpu_request is not None:
        cpu["shares"] = min(max(limits.cpu_request * CORE_SHARES // 1000, 2), MOST_SHARES)
    return cpu


def _deny_all() -> dict[str, object]:
    return {"allow": False, "access": "rwm"}


def _allow(kind: str, major: int, minor: int | None) -> dict[str, object]:
    device: dict[str, object] = {"allow": True, "type": kind, "major": major, "access": "rwm"}
    if minor is not None:
        device["minor"] = minor
    return device
