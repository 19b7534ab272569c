"""Bringing images to the node, from registries and from files."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from faasd.base.turns import Turns
from faasd.node.domain.image import Image, Platform, ResolvedImage
from faasd.node.domain.reference import parse_reference
from faasd.node.ports.images import ImageSource, ImageStore


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
