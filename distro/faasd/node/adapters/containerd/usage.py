"""What a cgroup counts, of version 1 and 2, as containerd's shim tells it."""

from google.protobuf.any_pb2 import Any as AnyMessage

from faasd.node.adapters.containerd.protos import cgroups_v1_pb2, cgroups_v2_pb2
from faasd.node.domain.usage import Usage


def read_usage(data: AnyMessage) -> Usage | None:
    """Return the usage in a metric's data, or None where there is none in it."""
    if data.type_url.endswith(cgroups_v1_pb2.Metrics.DESCRIPTOR.full_name):
        return _usage_v1(cgroups_v1_pb2.Metrics.FromString(data.value))
    if data.type_url.endswith(cgroups_v2_pb2.Metrics.DESCRIPTOR.full_name):
        return _usage_v2(cgroups_v2_pb2.Metrics.FromString(data.value))
    return None


def _usage_v1(metrics: cgroups_v1_pb2.Metrics) -> Usage:
    memory = metrics.memory
    return Usage(
        cpu_nanoseconds=metrics.cpu.usage.total,
        memory=max(memory.usage.usage - memory.total_inactive_file, 0),
        oom_kills=metrics.memory_oom_control.oom_kill,
    )


def _usage_v2(metrics: cgroups_v2_pb2.Metrics) -> Usage:
    return Usage(
        cpu_nanoseconds=metrics.cpu.usage_usec * 1000,
        memory=max(metrics.memory.usage - metrics.memory.inactive_file, 0),
        oom_kills=metrics.memory_events.oom_kill,
    )
