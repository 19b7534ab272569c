"""Images in a backup: their blobs, each once, however many images have it."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from faasd.installer.backup.collect import SavedFunction
from faasd.installer.backup.contents import SavedImage
from faasd.node.domain.image import Image
from faasd.node.open import Node
from faasd.node.workloads.exports import Exported

BLOBS = "blobs"


def find_images(node: Node, functions: Sequence[SavedFunction]) -> Sequence[tuple[str, Image]]:
    """Return the images of functions that the node holds, each with its namespace, once."""
    wanted = dict.fromkeys((one.namespace, one.image) for one in functions)
    found = ((namespace, node.images.find(namespace, name)) for namespace, name in wanted)
    return [(namespace, image) for namespace, image in found if image is not None]


def export_images(
    node: Node, images: Sequence[tuple[str, Image]], staging: Path
) -> Sequence[SavedImage]:
    """Write all blobs of images to ``STAGING/blobs``.

    Raises:
        Unavailable: the node does not hold one whole, or the disk is full.
    """
    return [_export(node, namespace, image, staging) for namespace, image in images]


def list_blobs(staging: Path) -> Iterator[tuple[str, Path]]:
    """Return the blobs that were written, by their names in a backup."""
    for path in sorted((staging / BLOBS).glob("sha256/*")):
        yield f"{BLOBS}/sha256/{path.name}", path


def import_images(node: Node, images: Sequence[SavedImage], staging: Path, undo: ExitStack) -> None:
    """Let the node hold images whose blobs are in `staging`; `undo` takes them away again.

    Raises:
        FaasdError: a blob is missing or broken, or the disk is full.
    """
    for number, image in enumerate(images):
        before = node.images.find(image.namespace, image.name)
        if before is not None and (before.digest, before.source_digest) == (
            image.digest,
            image.source_digest,
        ):
            continue
        if before is None:
            undo.callback(node.images.remove, image.namespace, image.name)
        else:
            old = staging / f"replaced-{number}"
            kept = _export(node, image.namespace, before, old)
            undo.callback(_import, node, kept, old)
        _import(node, image, staging)


def _export(node: Node, namespace: str, image: Image, staging: Path) -> SavedImage:
    layout = node.images.export(namespace, image.name, staging / BLOBS)
    return SavedImage(
        namespace=namespace,
        name=layout.name,
        digest=layout.manifest.digest,
        source_digest=layout.source_digest,
    )


def _import(node: Node, image: SavedImage, staging: Path) -> None:
    node.images.adopt(
        image.namespace,
        Exported(
            name=image.name,
            digest=image.digest,
            source_digest=image.source_digest,
            blobs=staging / BLOBS,
        ),
    )
