"""Layers to snapshots."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from faasd.base.errors import AlreadyExists, Unsatisfiable
from faasd.node.adapters.containerd.channel import Channel, Scope
from faasd.node.adapters.containerd.flushing import flush_snapshot
from faasd.node.adapters.containerd.protos import types_pb2
from faasd.node.adapters.containerd.protos.diff_pb2 import ApplyRequest, ApplyResponse
from faasd.node.adapters.containerd.snapshots import Mounts, Snapshots
from faasd.node.domain.image import Descriptor, ImageLayout

APPLY_TIMEOUT = 900.0
"""Seconds to unpack one layer."""


def chain_ids(diff_ids: Sequence[str]) -> Sequence[str]:
    """Return the ChainID of each layer with all below it (OCI image-spec, config.md)."""
    chain: list[str] = []
    for diff_id in diff_ids:
        if chain:
            joined = f"{chain[-1]} {diff_id}".encode()
            chain.append("sha256:" + hashlib.sha256(joined).hexdigest())
        else:
            chain.append(diff_id)
    return chain


def top_chain_id(diff_ids: Sequence[str]) -> str:
    """Return the name of the snapshot of all layers; empty for an image without any."""
    return chain_ids(diff_ids)[-1] if diff_ids else ""


class Unpacker:
    """Unpacks the layers of images into committed snapshots named by their ChainIDs."""

    def __init__(self, channel: Channel, snapshots: Snapshots) -> None:
        self._channel = channel
        self._snapshots = snapshots

    def unpack(self, scope: Scope, layout: ImageLayout) -> str:
        """Unpack what is not unpacked yet; return the ChainID of the whole.

        Raises:
            Unsatisfiable: a layer is not what the image's config says.
            NoRoom: the disk is full.
        """
        diff_ids = layout.config.diff_ids
        if len(diff_ids) != len(layout.layers):
            raise Unsatisfiable(
                f"image {layout.name} is broken: its manifest has {len(layout.layers)} layers, "
                f"its config {len(diff_ids)}",
                field="image",
            )
        parent = ""
        for layer, diff_id, chain_id in zip(
            layout.layers, diff_ids, chain_ids(diff_ids), strict=True
        ):
            if not self._snapshots.exists(scope, chain_id):
                self._unpack_layer(scope, layer, diff_id, (parent, chain_id))
            parent = chain_id
        return parent

    def _unpack_layer(
        self, scope: Scope, layer: Descriptor, diff_id: str, chain: tuple[str, str]
    ) -> None:
        parent, chain_id = chain
        key = f"extract-{uuid4()}"
        mounts = self._snapshots.prepare(scope, key, parent, {})
        try:
            self._apply(scope, layer, diff_id, mounts)
            flush_snapshot(mounts)
            self._snapshots.commit(scope, chain_id, key)
        except AlreadyExists:
            self._snapshots.remove(scope, key)  # Another unpacker was first.
        except BaseException:
            self._snapshots.remove(scope, key)
            raise

    def _apply(self, scope: Scope, layer: Descriptor, diff_id: str, mounts: Mounts) -> None:
        diff = types_pb2.Descriptor(
            media_type=layer.media_type, digest=layer.digest, size=layer.size
        )
        slow = replace(scope, timeout=APPLY_TIMEOUT)
        try:
            answer = self._channel.call(
                "diff.v1.Diff/Apply",
                ApplyRequest(diff=diff, mounts=mounts),
                ApplyResponse,
                slow,
            )
        except Unsatisfiable as error:
            raise Unsatisfiable(
                f"layer {layer.digest} is broken: {error}", field="image"
            ) from error
        if answer.applied.digest != diff_id:
            raise Unsatisfiable(
                f"layer {layer.digest} is broken: it unpacks to {answer.applied.digest}, "
                f"not to {diff_id}",
                field="image",
            )
