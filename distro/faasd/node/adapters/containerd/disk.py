"""How much disk a namespace's images take."""

from contextlib import suppress

from faasd.base.errors import NotFound
from faasd.node.adapters.containerd.channel import Channel, Scope
from faasd.node.adapters.containerd.protos.content_pb2 import (
    ListContentRequest,
    ListContentResponse,
)
from faasd.node.adapters.containerd.protos.snapshots_pb2 import (
    COMMITTED,
    ListSnapshotsRequest,
    ListSnapshotsResponse,
    UsageRequest,
    UsageResponse,
)


def measure_images(channel: Channel, snapshotter: str, scope: Scope) -> int:
    """Return the bytes of all blobs, and of all layers that lie unpacked."""
    return _content(channel, scope) + _layers(channel, snapshotter, scope)


def _content(channel: Channel, scope: Scope) -> int:
    answers = channel.stream(
        "content.v1.Content/List", ListContentRequest(), ListContentResponse, scope
    )
    return sum(info.size for answer in answers for info in answer.info)


def _layers(channel: Channel, snapshotter: str, scope: Scope) -> int:
    request = ListSnapshotsRequest(snapshotter=snapshotter)
    answers = channel.stream("snapshots.v1.Snapshots/List", request, ListSnapshotsResponse, scope)
    found = [info for answer in answers for info in answer.info if info.kind == COMMITTED]
    total = 0
    for info in found:
        usage = UsageRequest(snapshotter=snapshotter, key=info.name)
        with suppress(NotFound):  # It is gone meanwhile.
            total += channel.call("snapshots.v1.Snapshots/Usage", usage, UsageResponse, scope).size
    return total
