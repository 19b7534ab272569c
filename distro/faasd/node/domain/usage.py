"""What a container uses."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Read from the container's cgroup.

    Attributes:
        cpu_nanoseconds: CPU time since its start, user and system.
        oom_kills: processes that were killed because it wanted more memory than its limit.
        memory: bytes that cannot be reclaimed without harm: usage without inactive file cache.
    """

    cpu_nanoseconds: int
    memory: int
    oom_kills: int = 0
