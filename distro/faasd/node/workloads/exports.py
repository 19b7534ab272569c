"""Images as directories of blobs, which another node takes in as they are: backups are made so."""

from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import NotFound, Unsatisfiable
from faasd.node.domain.image import Descriptor, Image, ImageLayout, Platform
from faasd.node.domain.manifest import Index, Manifest, check_platform, parse_config, parse_manifest
from faasd.node.domain.reference import parse_reference
from faasd.node.ports.images import ImageStore

_MOST_JSON = 2**22


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An image whose blobs lie in a directory.

    Attributes:
        name: its full reference.
        digest: of its manifest.
        source_digest: see `Image.source_digest`.
        blobs: holds ``sha256/HEX``.
    """

    name: str
    digest: str
    source_digest: str
    blobs: Path


def export_image(store: ImageStore, namespace: str, image: Image, blobs: Path) -> ImageLayout:
    """Write manifest, config and layers of an image, unless they lie there already.

    Raises:
        NotFound: the node lacks one of them.
    """
    (blobs / "sha256").mkdir(mode=0o700, parents=True, exist_ok=True)
    exported = Exported(
        name=image.name, digest=image.digest, source_digest=image.source_digest, blobs=blobs
    )
    _export_blob(store, namespace, image.digest, exported)
    manifest = _read_manifest(exported)
    for blob in (manifest.config, *manifest.layers):
        _export_blob(store, namespace, blob.digest, exported)
    return read_export(exported, image.config.platform)


def read_export(exported: Exported, platform: Platform) -> ImageLayout:
    """Read what an export holds. Digests are verified where it is taken in.

    Raises:
        InvalidInput: its name is malformed.
        Unsatisfiable: it lacks a blob, or is broken, or for another platform.
    """
    name = parse_reference(exported.name).name
    manifest = _read_manifest(exported)
    config = parse_config(_read(exported, manifest.config.digest), name)
    check_platform(config, platform, name)
    size = len(_read(exported, exported.digest))
    return ImageLayout(
        name=name,
        source_digest=exported.source_digest,
        blobs=str(exported.blobs),
        manifest=Descriptor(media_type=manifest.media_type, digest=exported.digest, size=size),
        config_blob=manifest.config,
        layers=manifest.layers,
        config=config,
    )


def _export_blob(store: ImageStore, namespace: str, digest: str, exported: Exported) -> None:
    target = _path(exported, digest)
    if not target.exists() and not store.export_blob(namespace, digest, target):
        raise NotFound(f"the node lacks blob {digest} of image {exported.name}: pull it again")


def _read_manifest(exported: Exported) -> Manifest:
    found = parse_manifest(_read(exported, exported.digest), exported.name)
    if isinstance(found, Index):
        raise Unsatisfiable(f"image {exported.name} is an index", field="image")
    return found


def _read(exported: Exported, digest: str) -> bytes:
    path = _path(exported, digest)
    if not path.is_file() or path.stat().st_size > _MOST_JSON:
        raise Unsatisfiable(f"image {exported.name} lacks a good blob {digest}", field="image")
    return path.read_bytes()


def _path(exported: Exported, digest: str) -> Path:
    return exported.blobs.joinpath(*digest.split(":", 1))
