"""Where images come from, and where they are held."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from faasd.node.domain.image import Image, ImageLayout, Platform, ResolvedImage

Reuse = Callable[[str, Path], bool]
"""Given a blob's digest and a path, writes the blob there if the node holds it; tells whether."""


class ImageSource(Protocol):
    """Registries, and archives on disk."""

    def resolve(self, reference: str, platform: Platform) -> ResolvedImage:
        """Ask the registry what `reference` is now for `platform`. Downloads no layer.

        Raises:
            InvalidInput: the reference is malformed.
            Unsatisfiable: there is no such image, it may not be read with the node's credentials,
                or it is not made for the platform.
            Unavailable: the registry does not answer.
        """
        ...

    def fetch(self, image: ResolvedImage, reuse: Reuse) -> ImageLayout:
        """Bring the image to disk, digests verified; blobs `reuse` has are not downloaded.

        The caller discards the layout, whatever becomes of it.

        A fetch cut in the middle leaves whole blobs only; the next one continues from them.

        Raises:
            Unsatisfiable, Unavailable: as in `resolve`.
            NoRoom: the disk is full.
        """
        ...

    def unpack_archive(self, archive: Path, platform: Platform) -> Sequence[ImageLayout]:
        """Bring the images in a ``docker save`` or OCI archive (tar) to disk, digests verified.

        Raises:
            InvalidInput: it is no such archive.
            Unsatisfiable: it holds no image for the platform.
            NoRoom: the disk is full.
        """
        ...

    def discard(self, layout: ImageLayout) -> None:
        """Remove the files of a layout that the node holds now."""
        ...


class ImageStore(Protocol):
    """The images that the node holds, unpacked; each containerd namespace has its own."""

    def put(self, namespace: str, layout: ImageLayout) -> Image:
        """Take an image in and unpack it; layers that are unpacked already are shared.

        Cut in the middle, it leaves nothing but what the garbage collector takes. Doing it again
        with the same image changes nothing; with another of the same name, replaces that.

        Raises:
            NoRoom: the disk is full.
            Unsatisfiable: a layer is broken.
        """
        ...

    def find(self, namespace: str, name: str) -> Image | None:
        """Return the image of that full reference, or None."""
        ...

    def list(self, namespace: str) -> Sequence[Image]:
        """Return all images of the namespace, by name."""
        ...

    def remove(self, namespace: str, name: str) -> None:
        """Forget the image; what no other image or container needs is freed."""
        ...

    def disk_usage(self, namespace: str) -> int:
        """Return the bytes that the namespace's images take, packed and unpacked.

        What it shares with another namespace is counted in both.
        """
        ...

    def export_blob(self, namespace: str, digest: str, target: Path) -> bool:
        """Write a blob that the node holds to `target`, whole or not at all; tell whether."""
        ...
