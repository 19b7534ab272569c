"""OCI layouts that skopeo wrote, read and verified (OCI image-spec, image-layout.md)."""

import hashlib
from pathlib import Path

from faasd.base.errors import Unsatisfiable
from faasd.node.domain.image import Descriptor, ImageLayout, Platform
from faasd.node.domain.manifest import (
    Index,
    check_platform,
    parse_config,
    parse_index,
    parse_manifest,
)

_CHUNK = 2**20


def read_layout(directory: Path, blobs: Path, name: str, platform: Platform) -> ImageLayout:
    """Read the one image of a layout, and verify size and digest of every blob.

    Args:
        directory: holds ``index.json``.
        blobs: holds ``sha256/HEX``.
        name: the full reference the node will hold it under.
        platform: what it must be made for.

    Raises:
        Unsatisfiable: a blob is missing or broken, or it is for another platform.
    """
    index = parse_index((directory / "index.json").read_bytes(), name)
    descriptor = index.entries[0].descriptor
    manifest = parse_manifest(_verified(blobs, descriptor, name).read_bytes(), name)
    if isinstance(manifest, Index):
        raise Unsatisfiable(f"image {name} is an index of indexes", field="image")
    config = parse_config(_verified(blobs, manifest.config, name).read_bytes(), name)
    check_platform(config, platform, name)
    for layer in manifest.layers:
        _verified(blobs, layer, name)
    return ImageLayout(
        name=name,
        source_digest="",
        blobs=str(blobs),
        manifest=Descriptor(
            media_type=manifest.media_type, digest=descriptor.digest, size=descriptor.size
        ),
        config_blob=manifest.config,
        layers=manifest.layers,
        config=config,
    )


def blob_path(blobs: Path, digest: str) -> Path:
    """Return where a blob lies."""
    return blobs.joinpath(*digest.split(":", 1))


def _verified(blobs: Path, blob: Descriptor, name: str) -> Path:
    path = blob_path(blobs, blob.digest)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except FileNotFoundError as error:
        raise Unsatisfiable(f"image {name} lacks blob {blob.digest}", field="image") from error
    if f"sha256:{digest.hexdigest()}" != blob.digest or path.stat().st_size != blob.size:
        path.unlink()  # So that another try brings it anew.
        raise Unsatisfiable(f"blob {blob.digest} of image {name} is broken", field="image")
    return path
