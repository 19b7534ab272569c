"""Manifests, indexes and configs of images, read from their JSON.

Formats: OCI image-spec 1.1 (manifest.md, image-index.md, config.md), and Docker's image manifest
version 2, schema 2, which differ in their media types only.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from faasd.base.errors import Unsatisfiable
from faasd.node.domain.image import Descriptor, ImageConfig, Platform

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_MANIFESTS = {OCI_MANIFEST, "application/vnd.docker.distribution.manifest.v2+json"}
_INDEXES = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
}
_LAYERS = (
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.docker.image.rootfs.diff.tar",
)

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestEntry:
    """One manifest of an index, and the platform it is for."""

    descriptor: Descriptor
    platform: Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An image for several platforms."""

    entries: tuple[ManifestEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """An image for one platform: its config and its layers, the base first."""

    media_type: str
    config: Descriptor
    layers: tuple[Descriptor, ...]

    @property
    def size(self) -> int:
        """Bytes of config and compressed layers."""
        return self.config.size + sum(layer.size for layer in self.layers)


def parse_manifest(content: bytes, name: str) -> Manifest | Index:
    """Read a manifest or an index of the image `name`.

    Raises:
        Unsatisfiable: it is broken, or of a kind that cannot be run.
    """
    document = _document(content, name)
    kind = _text(document.get("mediaType")) or None
    if kind in _INDEXES or (kind is None and "manifests" in document):
        return Index(entries=tuple(_entries(document, name)))
    if kind in _MANIFESTS or (kind is None and "config" in document):
        return _manifest(document, name)
    if document.get("schemaVersion") == 1:
        raise _broken(name, "it is of Docker's schema 1, which no longer can be pulled")
    raise _broken(name, f"its media type {str(kind)[:80]!r} is no image's")


def parse_index(content: bytes, name: str) -> Index:
    """Read the index of a layout on disk, which has at least one manifest.

    Raises:
        Unsatisfiable: it is broken or empty.
    """
    index = Index(entries=tuple(_entries(_document(content, name), name)))
    if not index.entries:
        raise _broken(name, "its layout is empty")
    return index


def parse_config(content: bytes, name: str) -> ImageConfig:
    """Read the config of the image `name`.

    Raises:
        Unsatisfiable: it is broken.
    """
    document = _document(content, name)
    run = _mapping(document.get("config"))
    root = _mapping(document.get("rootfs"))
    platform = _platform(document)
    if not platform.architecture:
        raise _broken(name, "its config names no architecture")
    return ImageConfig(
        platform=platform,
        diff_ids=_strings(root.get("diff_ids")),
        entrypoint=_strings(run.get("Entrypoint")),
        command=_strings(run.get("Cmd")),
        env=dict(pair.split("=", 1) for pair in _strings(run.get("Env")) if "=" in pair),
        user=_text(run.get("User")),
        working_dir=_text(run.get("WorkingDir")),
        stop_signal=_text(run.get("StopSignal")),
        exposed_ports=tuple(sorted(_mapping(run.get("ExposedPorts")))),
    )


def choose_manifest(index: Index, wanted: Platform, name: str) -> Descriptor:
    """Return the manifest of an index that suits a platform best.

    Raises:
        Unsatisfiable: none does; the sentence says which there are.
    """
    suiting = [entry for entry in index.entries if _rank(entry.platform, wanted) is not None]
    if not suiting:
        offered = sorted({str(e.platform) for e in index.entries if e.platform.os != "unknown"})
        raise Unsatisfiable(
            f"image {name} is not made for this node's platform {wanted}, "
            f"only for {', '.join(offered) or 'none'}",
            field="image",
        )
    return min(suiting, key=lambda entry: _rank(entry.platform, wanted) or 0).descriptor


def check_platform(config: ImageConfig, wanted: Platform, name: str) -> None:
    """Raise Unsatisfiable unless the image runs on the platform."""
    if _rank(config.platform, wanted) is None:
        raise Unsatisfiable(
            f"image {name} is made for {config.platform}, this node is {wanted}", field="image"
        )


def _rank(offered: Platform, wanted: Platform) -> int | None:
    """Return how well an image suits: 0 is best, None not at all."""
    if (offered.os, offered.architecture) != (wanted.os, wanted.architecture):
        return None
    if wanted.architecture != "arm":
        return 0 if offered.variant in ("", wanted.variant) else _rank_variant(offered, wanted)
    return _rank_variant(offered, wanted)


def _rank_variant(offered: Platform, wanted: Platform) -> int | None:
    """Rank numbered variants (v5 … v8): the node's own first, then lower ones."""
    default = {"arm": 7, "arm64": 8}.get(wanted.architecture, 1)
    have, want = _number(offered.variant, default), _number(wanted.variant, default)
    return want - have if have <= want else None


def _number(variant: str, default: int) -> int:
    digits = variant.removeprefix("v")
    return int(digits) if digits.isascii() and digits.isdecimal() else default


def _manifest(document: Json, name: str) -> Manifest:
    layers = tuple(_descriptor(layer, name) for layer in _items(document.get("layers")))
    for layer in layers:
        if not layer.media_type.startswith(_LAYERS):
            raise _broken(name, f"layers of type {layer.media_type!r} are not supported")
    return Manifest(
        media_type=_text(document.get("mediaType")) or OCI_MANIFEST,
        config=_descriptor(_mapping(document.get("config")), name),
        layers=layers,
    )


def _entries(document: Json, name: str) -> Sequence[ManifestEntry]:
    return [
        ManifestEntry(
            descriptor=_descriptor(entry, name),
            platform=_platform(_mapping(entry.get("platform"))),
        )
        for entry in _items(document.get("manifests"))
    ]


def _platform(value: Json) -> Platform:
    return Platform(
        os=_text(value.get("os")) or "linux",
        architecture=_text(value.get("architecture")),
        variant=_text(value.get("variant")),
    )


def _descriptor(value: Json, name: str) -> Descriptor:
    media_type, digest, size = (value.get(key) for key in ("mediaType", "digest", "size"))
    if not isinstance(digest, str) or not digest.startswith("sha256:"):
        raise _broken(name, f"{str(digest)[:80]!r} is no sha256 digest")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise _broken(name, f"blob {digest} has no size")
    return Descriptor(media_type=_text(media_type), digest=digest, size=size)


def _document(content: bytes, name: str) -> Json:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _broken(name, f"its manifest or config is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise _broken(name, "its manifest or config is no JSON object")
    return document


def _items(value: object) -> Sequence[Json]:
    return [_mapping(item) for item in value] if isinstance(value, list) else []


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _strings(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _broken(name: str, why: str) -> Unsatisfiable:
    return Unsatisfiable(f"image {name} cannot be used: {why}", field="image")
