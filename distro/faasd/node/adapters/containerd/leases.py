"""Leases: what is made under one is safe from the garbage collector until the lease ends.

Every lease ends by itself (label ``containerd.io/gc.expire``), so that a killed process leaves
nothing for good.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from google.protobuf.empty_pb2 import Empty

from faasd.base.errors import AlreadyExists, NotFound
from faasd.node.adapters.containerd.channel import Channel, Scope
from faasd.node.adapters.containerd.protos.leases_pb2 import (
    CreateRequest,
    CreateResponse,
    DeleteRequest,
)

_EXPIRE = "containerd.io/gc.expire"


class Leases:
    """containerd's leases."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def open(self, namespace: str, lease: str, lifetime: timedelta) -> Scope:
        """Make a lease, in place of one of the same name; return the scope of calls under it."""
        until = (datetime.now(UTC) + lifetime).strftime("%Y-%m-%dT%H:%M:%SZ")
        request = CreateRequest(id=lease, labels={_EXPIRE: until})
        try:
            self._create(namespace, request)
        except AlreadyExists:
            self.close(namespace, lease)
            self._create(namespace, request)
        return Scope(namespace=namespace, lease=lease)

    def close(self, namespace: str, lease: str) -> None:
        """End a lease; one that is not there is a success."""
        try:
            self._channel.call(
                "leases.v1.Leases/Delete",
                DeleteRequest(id=lease),
                Empty,
                Scope(namespace=namespace),
            )
        except NotFound:
            return

    @contextmanager
    def held(self, namespace: str, lifetime: timedelta) -> Iterator[Scope]:
        """Hold a lease of a name of its own for as long as the block runs."""
        scope = self.open(namespace, f"faasd-{uuid4()}", lifetime)
        try:
            yield scope
        finally:
            self.close(namespace, scope.lease)

    def _create(self, namespace: str, request: CreateRequest) -> None:
        self._channel.call(
            "leases.v1.Leases/Create", request, CreateResponse, Scope(namespace=namespace)
        )
