"""Bringing images to the node, from registries and from files."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from faasd.base.errors import NotFound
from faasd.base.turns import Turns
from faasd.node.domain.image import Image, ImageLayout, Platform, ResolvedImage
from faasd.node.domain.reference import parse_reference
from faasd.node.ports.images import ImageSource, ImageStore
from faasd.node.workloads.exports import Exported, export_image, read_export


class Images:
    """The images of one node. Names are references as people write them: ``nginx:1.25``."""

    def __init__(
        self, source: ImageSource, store: ImageStore, platform: Callable[[], Platform]
    ) -> None:
        self._source = source
        self._store = store
        self._ask_platform = platform
        self._turns = Turns()

    def resolve(self, reference: str) -> ResolvedImage:
        """Ask the registry what the reference is now; see `ImageSource.resolve` for errors."""
        return self._source.resolve(parse_reference(reference).name, self._platform)

    def pull(self, namespace: str, resolved: ResolvedImage) -> Image:
        """Bring a resolved image to the node, unless it is there already; once for all who ask.

        Raises:
            Unsatisfiable, Unavailable, NoRoom: as in `ImageSource.fetch` and `ImageStore.put`.
        """
        with self._turns.take(namespace, resolved.name):
            held = self._store.find(namespace, resolved.name)
            if held is not None and held.source_digest == resolved.source_digest:
                return held
            layout = self._source.fetch(
                resolved, lambda digest, path: self._store.export_blob(namespace, digest, path)
            )
            try:
                return self._store.put(namespace, layout)
            finally:
                self._source.discard(layout)

    def load(self, namespace: str, archive: Path) -> Sequence[Image]:
        """Take the images of a ``docker save`` or OCI archive in.

        Raises:
            InvalidInput, Unsatisfiable, NoRoom: as in `ImageSource.unpack_archive`.
        """
        layouts = self._source.unpack_archive(archive, self._platform)
        try:
            return [self._store.put(namespace, layout) for layout in layouts]
        finally:
            for layout in layouts:
                self._source.discard(layout)

    def export(self, namespace: str, reference: str, blobs: Path) -> ImageLayout:
        """Write an image that the node holds to a directory of blobs, ``sha256/HEX``.

        Raises:
            NotFound: the node does not hold it, or not whole.
        """
        held = self._store.find(namespace, parse_reference(reference).name)
        if held is None:
            raise NotFound(f"the node does not hold image {reference} in namespace {namespace}")
        return export_image(self._store, namespace, held, blobs)

    def adopt(self, namespace: str, exported: Exported) -> Image:
        """Take in an image that was exported, from this node or another of its platform.

        Raises:
            InvalidInput: its name is malformed.
            Unsatisfiable: a blob is missing or broken, or it is for another platform.
            NoRoom: the disk is full.
        """
        return self._store.put(namespace, read_export(exported, self._platform))

    def find(self, namespace: str, reference: str) -> Image | None:
        """Return an image the node holds, or None."""
        return self._store.find(namespace, parse_reference(reference).name)

    def list(self, namespace: str) -> Sequence[Image]:
        """Return all images of the namespace, by name."""
        return self._store.list(namespace)

    def remove(self, namespace: str, reference: str) -> None:
        """Forget an image; what no other image or container needs is freed."""
        self._store.remove(namespace, parse_reference(reference).name)

    def disk_usage(self, namespace: str) -> int:
        """Return the bytes that the namespace's images take, packed and unpacked."""
        return self._store.disk_usage(namespace)

    @cached_property
    def _platform(self) -> Platform:
        return self._ask_platform()
