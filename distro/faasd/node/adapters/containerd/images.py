"""Port `ImageStore`: containerd's images, content and snapshots together."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from google.protobuf.empty_pb2 import Empty

from faasd.base.errors import AlreadyExists, NotFound
from faasd.base.turns import Turns
from faasd.node.adapters.containerd.channel import Channel, Scope
from faasd.node.adapters.containerd.content import Content
from faasd.node.adapters.containerd.disk import measure_images
from faasd.node.adapters.containerd.leases import Leases
from faasd.node.adapters.containerd.protos import images_pb2 as pb
from faasd.node.adapters.containerd.protos import types_pb2
from faasd.node.adapters.containerd.snapshots import Snapshots
from faasd.node.adapters.containerd.unpacking import Unpacker, chain_ids, top_chain_id
from faasd.node.domain.image import Descriptor, Image, ImageConfig, ImageLayout
from faasd.node.domain.manifest import Index, Manifest, parse_config, parse_manifest

LIFETIME = timedelta(hours=2)
"""How long an interrupted `put` keeps what it brought."""

_SOURCE = "faasd.source-digest"
_MANIFEST = "faasd.manifest"
"""Labels of image records. Only what carries the second, and still is that, was put here."""


class ContainerdImages:
    """The images of containerd's namespaces."""

    def __init__(self, channel: Channel, snapshots: Snapshots, leases: Leases) -> None:
        self._channel = channel
        self._snapshots = snapshots
        self._leases = leases
        self._content = Content(channel)
        self._unpacker = Unpacker(channel, snapshots)
        self._turns = Turns()
        self._manifests: dict[str, tuple[Manifest, ImageConfig]] = {}

    def put(self, namespace: str, layout: ImageLayout) -> Image:
        """Write the blobs, unpack the layers, then name the image."""
        with (
            self._turns.take(namespace, layout.manifest.digest),
            self._leases.held(namespace, LIFETIME) as scope,
        ):
            self._put_blobs(scope, layout)
            chain_id = self._unpacker.unpack(scope, layout)
            self._name(scope, layout)
        return Image(
            name=layout.name,
            digest=layout.manifest.digest,
            config=layout.config,
            chain_id=chain_id,
            size=sum(blob.size for blob in (layout.config_blob, *layout.layers)),
            source_digest=layout.source_digest,
        )

    def find(self, namespace: str, name: str) -> Image | None:
        """Return the image, or None, also where another tool brought it, or took its layers."""
        scope = Scope(namespace=namespace)
        request = pb.GetImageRequest(name=name)
        try:
            answer = self._channel.call("images.v1.Images/Get", request, pb.GetImageResponse, scope)
        except NotFound:
            return None
        return self._read(scope, answer.image)

    def list(self, namespace: str) -> Sequence[Image]:
        """Return all images, by name; those that `find` would not are left out."""
        scope = Scope(namespace=namespace)
        answer = self._channel.call(
            "images.v1.Images/List", pb.ListImagesRequest(), pb.ListImagesResponse, scope
        )
        read = [self._read(scope, image) for image in sorted(answer.images, key=_by_name)]
        return [image for image in read if image is not None]

    def remove(self, namespace: str, name: str) -> None:
        """Forget the image and let containerd collect what nothing else needs, now."""
        request = pb.DeleteImageRequest(name=name, sync=True)
        try:
            self._channel.call(
                "images.v1.Images/Delete", request, Empty, Scope(namespace=namespace)
            )
        except NotFound:
            return

    def disk_usage(self, namespace: str) -> int:
        """Return the bytes of all blobs, and of all layers that lie unpacked."""
        snapshotter = self._snapshots.snapshotter
        return measure_images(self._channel, snapshotter, Scope(namespace=namespace))

    def export_blob(self, namespace: str, digest: str, target: Path) -> bool:
        """Write a blob to a file, whole or not at all; tell whether it was there."""
        return self._content.export(Scope(namespace=namespace), digest, target)

    def _put_blobs(self, scope: Scope, layout: ImageLayout) -> None:
        layers = {
            f"containerd.io/gc.ref.content.l.{n}": b.digest for n, b in enumerate(layout.layers)
        }
        for blob in layout.layers:
            self._put(scope, layout, blob, {})
        self._put(scope, layout, layout.config_blob, self._snapshot_refs(layout))
        config = {"containerd.io/gc.ref.content.config": layout.config_blob.digest}
        self._put(scope, layout, layout.manifest, layers | config)

    def _snapshot_refs(self, layout: ImageLayout) -> Mapping[str, str]:
        """Say which snapshots the image needs, so that while it is put none of them goes away."""
        chain = chain_ids(layout.config.diff_ids)
        ref = f"containerd.io/gc.ref.snapshot.{self._snapshots.snapshotter}"
        lower = {f"{ref}/{n}": chain_id for n, chain_id in enumerate(chain[:-1])}
        return lower | ({ref: chain[-1]} if chain else {})

    def _put(
        self, scope: Scope, layout: ImageLayout, blob: Descriptor, labels: Mapping[str, str]
    ) -> None:
        source = Path(layout.blobs, *blob.digest.split(":", 1))
        self._content.put(scope, blob, source, labels)

    def _name(self, scope: Scope, layout: ImageLayout) -> None:
        target = types_pb2.Descriptor(
            media_type=layout.manifest.media_type,
            digest=layout.manifest.digest,
            size=layout.manifest.size,
        )
        labels = {_SOURCE: layout.source_digest, _MANIFEST: target.digest}
        image = pb.Image(name=layout.name, target=target, labels=labels)
        try:
            self._channel.call(
                "images.v1.Images/Create",
                pb.CreateImageRequest(image=image),
                pb.CreateImageResponse,
                scope,
            )
        except AlreadyExists:
            self._channel.call(
                "images.v1.Images/Update",
                pb.UpdateImageRequest(image=image),
                pb.UpdateImageResponse,
                scope,
            )

    def _read(self, scope: Scope, image: pb.Image) -> Image | None:
        digest = image.target.digest
        if image.labels.get(_MANIFEST) != digest:
            return None
        known = self._read_manifest(scope, digest, image.name)
        if known is None:
            return None
        manifest, config = known
        chain_id = top_chain_id(config.diff_ids)
        if chain_id and not self._snapshots.exists(scope, chain_id):
            return None
        return Image(
            name=image.name,
            digest=digest,
            config=config,
            chain_id=chain_id,
            size=manifest.size,
            source_digest=image.labels.get(_SOURCE, ""),
        )

    def _read_manifest(
        self, scope: Scope, digest: str, name: str
    ) -> tuple[Manifest, ImageConfig] | None:
        if digest in self._manifests:
            return self._manifests[digest]
        try:
            manifest = parse_manifest(self._content.read(scope, digest), name)
            if isinstance(manifest, Index):
                return None
            config = parse_config(self._content.read(scope, manifest.config.digest), name)
        except NotFound:
            return None
        self._manifests[digest] = (manifest, config)
        return manifest, config


def _by_name(image: pb.Image) -> str:
    return image.name
