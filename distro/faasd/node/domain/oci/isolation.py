"""What a container does not see of its machine."""

from faasd.node.domain.blueprint import Blueprint


def namespaces(blueprint: Blueprint) -> list[dict[str, str]]:
    """Return the namespaces a container has for itself; its network's is there already."""
    made = [{"type": kind} for kind in ("pid", "ipc", "uts", "mount", "cgroup")]
    if blueprint.network_path is not None:
        made.append({"type": "network", "path": blueprint.network_path})
    return made


def masked_paths() -> list[str]:
    """Return what reads as empty: it tells of the machine, or lets it be changed."""
    return [
        "/proc/acpi",
        "/proc/asound",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/sched_debug",
        "/proc/scsi",
        "/proc/timer_list",
        "/proc/timer_stats",
        "/sys/devices/virtual/powercap",
        "/sys/firmware",
    ]


def readonly_paths() -> list[str]:
    """Return what a container may read only."""
    return ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
