"""Port `Containers`: container records."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.empty_pb2 import Empty

from faasd.base.errors import NotFound
from faasd.node.adapters.containerd.channel import Channel, Scope
from faasd.node.adapters.containerd.leases import Leases
from faasd.node.adapters.containerd.protos import containers_pb2 as pb
from faasd.node.adapters.containerd.roots import lease_of
from faasd.node.domain.blueprint import Blueprint
from faasd.node.domain.container import (
    DEFAULT_GRACE,
    LABEL_GENERATION,
    LABEL_NAME,
    LABEL_REPLICA,
    ContainerRecord,
)
from faasd.node.domain.oci.spec import build_runtime_spec

RUNTIME = "io.containerd.runc.v2"
SPEC_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/Spec"

_LABEL_GROUP = "faasd.shim-group"
_LABEL_NETWORK = "faasd.network"
_LABEL_GRACE = "faasd.grace"


class ContainerdContainers:
    """containerd's container records."""

    def __init__(self, channel: Channel, leases: Leases, snapshotter: str) -> None:
        self._channel = channel
        self._leases = leases
        self._snapshotter = snapshotter

    def create(self, blueprint: Blueprint) -> ContainerRecord:
        """Store a record; from now on it protects the container's root, not the lease."""
        spec = blueprint.spec
        container = pb.Container(
            id=spec.id,
            labels=_labels(blueprint),
            image=spec.image,
            runtime=pb.Container.Runtime(name=RUNTIME),
            spec=AnyMessage(
                type_url=SPEC_TYPE, value=json.dumps(build_runtime_spec(blueprint)).encode()
            ),
            snapshotter=self._snapshotter,
            snapshot_key=spec.id,
        )
        answer = self._channel.call(
            "containers.v1.Containers/Create",
            pb.CreateContainerRequest(container=container),
            pb.CreateContainerResponse,
            Scope(namespace=spec.namespace),
        )
        self._leases.close(spec.namespace, lease_of(spec.id))
        return _record(spec.namespace, answer.container)

    def runtime_spec(self, namespace: str, container: str) -> dict[str, object]:
        """Return a container's runtime specification as it was stored.

        Raises:
            NotFound: there is no such container.
        """
        answer = self._get(namespace, container)
        return dict(json.loads(answer.container.spec.value))

    def find(self, namespace: str, container: str) -> ContainerRecord | None:
        """Return one record, or None."""
        try:
            answer = self._get(namespace, container)
        except NotFound:
            return None
        return _record(namespace, answer.container)

    def list(self, namespace: str) -> Sequence[ContainerRecord]:
        """Return all records of a namespace."""
        answer = self._channel.call(
            "containers.v1.Containers/List",
            pb.ListContainersRequest(),
            pb.ListContainersResponse,
            Scope(namespace=namespace),
        )
        return [_record(namespace, container) for container in answer.containers]

    def delete(self, namespace: str, container: str) -> None:
        """Delete the record."""
        try:
            self._channel.call(
                "containers.v1.Containers/Delete",
                pb.DeleteContainerRequest(id=container),
                Empty,
                Scope(namespace=namespace),
            )
        except NotFound:
            return

    def _get(self, namespace: str, container: str) -> pb.GetContainerResponse:
        return self._channel.call(
            "containers.v1.Containers/Get",
            pb.GetContainerRequest(id=container),
            pb.GetContainerResponse,
            Scope(namespace=namespace),
        )


def _labels(blueprint: Blueprint) -> Mapping[str, str]:
    spec = blueprint.spec
    return {
        **spec.labels,
        LABEL_NAME: spec.name,
        LABEL_GENERATION: str(spec.generation),
        LABEL_REPLICA: str(spec.replica),
        _LABEL_GROUP: spec.shim_group,
        _LABEL_NETWORK: "host" if spec.host_network else "bridge",
        _LABEL_GRACE: str(spec.grace),
    }


def _record(namespace: str, container: pb.Container) -> ContainerRecord:
    labels = dict(container.labels)
    return ContainerRecord(
        namespace=namespace,
        id=container.id,
        image=container.image,
        labels=labels,
        created_at=container.created_at.ToDatetime(UTC),
        shim_group=labels.get(_LABEL_GROUP, ""),
        has_network=labels.get(_LABEL_NETWORK) == "bridge",
        grace=float(labels.get(_LABEL_GRACE, DEFAULT_GRACE)),
    )
