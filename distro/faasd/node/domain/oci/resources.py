"""Limits as cgroup settings, which runc writes for version 1 and 2 alike."""

from faasd.node.domain.container import Limits

CPU_PERIOD = 100_000
"""Microseconds."""

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
    if limits.memory is not None:
        # Swap counts together with memory here: the same number means none of it.
        resources["memory"] = {"limit": limits.memory, "swap": limits.memory}
    if limits.cpu is not None:
        quota = max(limits.cpu * CPU_PERIOD // 1000, 1000)
        resources["cpu"] = {"quota": quota, "period": CPU_PERIOD}
    return resources


def _deny_all() -> dict[str, object]:
    return {"allow": False, "access": "rwm"}


def _allow(kind: str, major: int, minor: int | None) -> dict[str, object]:
    device: dict[str, object] = {"allow": True, "type": kind, "major": major, "access": "rwm"}
    if minor is not None:
        device["minor"] = minor
    return device
