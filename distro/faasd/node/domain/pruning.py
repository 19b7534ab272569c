"""Which images nobody needs."""

from collections.abc import Collection, Sequence

from faasd.node.domain.image import Image


def list_unused(held: Sequence[Image], used: Collection[str]) -> Sequence[Image]:
    """Return the images whose full references are not among those that are used."""
    return [image for image in held if image.name not in used]


def list_replaceable(images: Sequence[Image]) -> Sequence[Image]:
    """Return the images that a registry has: those from files cannot be got again."""
    return [image for image in images if image.source_digest]
