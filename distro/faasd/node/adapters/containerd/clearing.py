"""Emptying a namespace of containerd's of what nobody runs."""

from contextlib import suppress

from google.protobuf.empty_pb2 import Empty

from faasd.base.errors import NotFound
from faasd.node.adapters.containerd.channel import Channel, Scope
from faasd.node.adapters.containerd.protos import images_pb2, leases_pb2

_LEASE = "faasd-clearing"


def clear_namespace(channel: Channel, namespace: str) -> None:
    """Drop every lease and image, whoever made them.

    Then the end of a lease of our own makes containerd collect blobs and layers, and wait for it.
    """
    scope = Scope(namespace=namespace)
    images = channel.call(
        "images.v1.Images/List",
        images_pb2.ListImagesRequest(),
        images_pb2.ListImagesResponse,
        scope,
    )
    for image in images.images:
        request = images_pb2.DeleteImageRequest(name=image.name)
        with suppress(NotFound):
            channel.call("images.v1.Images/Delete", request, Empty, scope)
    leases = channel.call(
        "leases.v1.Leases/List", leases_pb2.ListRequest(), leases_pb2.ListResponse, scope
    )
    for lease in leases.leases:
        _end(channel, scope, leases_pb2.DeleteRequest(id=lease.id))
    channel.call(
        "leases.v1.Leases/Create",
        leases_pb2.CreateRequest(id=_LEASE),
        leases_pb2.CreateResponse,
        scope,
    )
    _end(channel, scope, leases_pb2.DeleteRequest(id=_LEASE, sync=True))


def _end(channel: Channel, scope: Scope, request: leases_pb2.DeleteRequest) -> None:
    with suppress(NotFound):
        channel.call("leases.v1.Leases/Delete", request, Empty, scope)
