"""The snapshotter: layers, and writable roots on top of them."""

from collections.abc import Mapping, Sequence

from google.protobuf.empty_pb2 import Empty

from faasd.base.errors import NotFound
from faasd.node.adapters.containerd.channel import Channel, Scope
from faasd.node.adapters.containerd.protos.snapshots_pb2 import (
    ACTIVE,
    CommitSnapshotRequest,
    ListSnapshotsRequest,
    ListSnapshotsResponse,
    MountsRequest,
    MountsResponse,
    PrepareSnapshotRequest,
    PrepareSnapshotResponse,
    RemoveSnapshotRequest,
    StatSnapshotRequest,
    StatSnapshotResponse,
)
from faasd.node.adapters.containerd.protos.types_pb2 import Mount

Mounts = Sequence[Mount]


class Snapshots:
    """One of containerd's snapshotters."""

    def __init__(self, channel: Channel, snapshotter: str) -> None:
        self._channel = channel
        self.snapshotter = snapshotter

    def prepare(self, scope: Scope, key: str, parent: str, labels: Mapping[str, str]) -> Mounts:
        """Make a writable snapshot on top of `parent`; return how to mount it.

        Raises:
            AlreadyExists: there is one of that key.
            NotFound: there is no such parent.
        """
        request = PrepareSnapshotRequest(
            snapshotter=self.snapshotter, key=key, parent=parent, labels=labels
        )
        answer = self._channel.call(
            "snapshots.v1.Snapshots/Prepare", request, PrepareSnapshotResponse, scope
        )
        return tuple(answer.mounts)

    def commit(self, scope: Scope, name: str, key: str) -> None:
        """Make a writable snapshot a read-only one of another name.

        Raises:
            AlreadyExists: there is one of that name.
        """
        request = CommitSnapshotRequest(snapshotter=self.snapshotter, name=name, key=key)
        self._channel.call("snapshots.v1.Snapshots/Commit", request, Empty, scope)

    def mounts(self, scope: Scope, key: str) -> Mounts:
        """Return how to mount a writable snapshot.

        Raises:
            NotFound: there is none.
        """
        request = MountsRequest(snapshotter=self.snapshotter, key=key)
        answer = self._channel.call("snapshots.v1.Snapshots/Mounts", request, MountsResponse, scope)
        return tuple(answer.mounts)

    def exists(self, scope: Scope, name: str) -> bool:
        """Tell whether there is a snapshot of that name or key."""
        request = StatSnapshotRequest(snapshotter=self.snapshotter, key=name)
        try:
            self._channel.call("snapshots.v1.Snapshots/Stat", request, StatSnapshotResponse, scope)
        except NotFound:
            return False
        return True

    def remove(self, scope: Scope, key: str) -> None:
        """Remove a snapshot; one that is not there is a success."""
        request = RemoveSnapshotRequest(snapshotter=self.snapshotter, key=key)
        try:
            self._channel.call("snapshots.v1.Snapshots/Remove", request, Empty, scope)
        except NotFound:
            return

    def list_writable(self, scope: Scope, label: str) -> Sequence[str]:
        """Return the keys of writable snapshots that carry `label`."""
        request = ListSnapshotsRequest(snapshotter=self.snapshotter)
        answers = self._channel.stream(
            "snapshots.v1.Snapshots/List", request, ListSnapshotsResponse, scope
        )
        return [
            info.name
            for answer in answers
            for info in answer.info
            if info.kind == ACTIVE and label in info.labels
        ]
