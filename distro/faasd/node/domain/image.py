"""Images as the node holds them, and the platforms they are for."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """An OCI platform: ``linux/arm/v7`` is os ``linux``, architecture ``arm``, variant ``v7``."""

    architecture: str
    variant: str = ""
    os: str = "linux"

    def __str__(self) -> str:
        """``linux/arm/v7``, as containerd and Docker write it."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageConfig:
    """What an image says of running it (OCI image-spec, config.md).

    Attributes:
        diff_ids: digests of the uncompressed layers, the base first.
        env: in the image's order.
    """

    platform: Platform
    diff_ids: tuple[str, ...]
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    working_dir: str = ""
    stop_signal: str = ""
    exposed_ports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image the node holds, unpacked and ready to run.

    Attributes:
        name: its full reference, ``docker.io/library/nginx:1.25`` or ``…@sha256:…``.
        digest: of the manifest the node holds.
        source_digest: what the registry said the reference was when it was pulled, which may be an
            index over several platforms; empty for an image from a file.
        chain_id: names the snapshot of all its layers (OCI image-spec, layer ChainID).
        size: bytes of config and compressed layers.
    """

    name: str
    digest: str
    config: ImageConfig
    chain_id: str
    size: int = 0
    source_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedImage:
    """What a registry says a reference is now, for one platform; nothing was downloaded.

    Attributes:
        name: the full reference asked for.
        source_digest: of what the reference names: a manifest, or an index of several platforms.
        manifest_digest: of the manifest for the platform; the same unless it is an index.
        layers: digests of the compressed layers, the base first.
        size: bytes to download at most.
    """

    name: str
    source_digest: str
    manifest_digest: str
    platform: Platform
    layers: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A blob by what it is, its digest and its size in bytes (OCI image-spec, descriptor.md)."""

    media_type: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLayout:
    """An image lying on disk, every blob verified, not yet known to the node.

    Attributes:
        name: the full reference it will be held under.
        source_digest: see `Image.source_digest`.
        blobs: directory with one file ``ALGORITHM/HEX`` for each blob named here.
        manifest: its own media type says whether it is Docker schema 2 or OCI.
    """

    name: str
    source_digest: str
    blobs: str
    manifest: Descriptor
    config_blob: Descriptor
    layers: tuple[Descriptor, ...]
    config: ImageConfig
