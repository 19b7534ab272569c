"""What a cgroup counts, of both versions of cgroups, is read alike."""

from collections.abc import Callable

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage

from faasd.node.adapters.containerd.protos import cgroups_v1_pb2 as v1
from faasd.node.adapters.containerd.protos import cgroups_v2_pb2 as v2
from faasd.node.adapters.containerd.usage import read_usage
from faasd.node.domain.usage import Usage

Metrics = Callable[[int, int], AnyMessage]


def metrics_v1(used: int, inactive: int) -> AnyMessage:
    memory = v1.MemoryStat(usage=v1.MemoryEntry(usage=used), total_inactive_file=inactive)
    message = v1.Metrics(
        cpu=v1.CPUStat(usage=v1.CPUUsage(total=5_000)),
        memory=memory,
        memory_oom_control=v1.MemoryOomControl(oom_kill=2),
    )
    return AnyMessage(
        type_url="io.containerd.cgroups.v1.Metrics", value=message.SerializeToString()
    )


def metrics_v2(used: int, inactive: int) -> AnyMessage:
    memory = v2.MemoryStat(usage=used, inactive_file=inactive)
    message = v2.Metrics(
        cpu=v2.CPUStat(usage_usec=5), memory=memory, memory_events=v2.MemoryEvents(oom_kill=2)
    )
    return AnyMessage(
        type_url="io.containerd.cgroups.v2.Metrics", value=message.SerializeToString()
    )


@pytest.mark.parametrize("metrics", [metrics_v1, metrics_v2])
def test_file_cache_that_can_go_is_no_use(metrics: Metrics) -> None:
    assert read_usage(metrics(100, 30)) == Usage(cpu_nanoseconds=5_000, memory=70, oom_kills=2)


@pytest.mark.parametrize("metrics", [metrics_v1, metrics_v2])
def test_use_is_never_less_than_nothing(metrics: Metrics) -> None:
    assert read_usage(metrics(10, 30)) == Usage(cpu_nanoseconds=5_000, memory=0, oom_kills=2)


def test_metrics_of_another_kind_are_none() -> None:
    assert read_usage(AnyMessage(type_url="something.else")) is None
