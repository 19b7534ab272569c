"""Images made on the spot: OCI layouts of layers given as files, with a static busybox."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faasd.node.domain.image import Descriptor, ImageConfig, ImageLayout, Platform
from faasd.node.domain.manifest import OCI_MANIFEST, parse_config

BUSYBOX = Path("/bin/busybox")
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_DIRECTORIES = ("bin", "etc", "proc", "sys", "dev", "tmp")

Files = Mapping[str, bytes | str]


@dataclass(frozen=True)
class Writer:
    """Writes blobs into `directory`, and describes images of them."""

    directory: Path
    platform: Platform

    def layout(self, name: str, *layers: bytes, diff_ids: tuple[str, ...] = ()) -> ImageLayout:
        """Write an image of uncompressed layers; `diff_ids` may lie about them."""
        told = diff_ids or tuple(digest(layer) for layer in layers)
        config = self._config(told)
        blobs = tuple(self.blob(_LAYER, layer) for layer in layers)
        config_blob = self.blob(_CONFIG, config)
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": OCI_MANIFEST,
                "config": _told(config_blob),
                "layers": [_told(blob) for blob in blobs],
            }
        )
        return ImageLayout(
            name=name,
            source_digest=digest(b"index of " + name.encode()),
            blobs=str(self.directory),
            manifest=self.blob(OCI_MANIFEST, manifest.encode()),
            config_blob=config_blob,
            layers=blobs,
            config=parse_config(config, name),
        )

    def blob(self, media_type: str, content: bytes) -> Descriptor:
        """Write one blob."""
        path = self.path(digest(content))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return Descriptor(media_type=media_type, digest=digest(content), size=len(content))

    def path(self, blob: str) -> Path:
        """Return where a blob lies."""
        return self.directory.joinpath(*blob.split(":", 1))

    def _config(self, diff_ids: tuple[str, ...]) -> bytes:
        return json.dumps(
            {
                "architecture": self.platform.architecture,
                "variant": self.platform.variant,
                "os": self.platform.os,
                "config": {"Cmd": ["sleep", "600"], "Env": ["PATH=/bin"]},
                "rootfs": {"type": "layers", "diff_ids": list(diff_ids)},
            }
        ).encode()


def busybox() -> bytes:
    """Return a layer with a static busybox, called by its programs' names."""
    programs = ("sh", "sleep", "true", "cat", "id", "dd")
    links = {f"bin/{program}": "busybox" for program in programs}
    return tar({"bin/busybox": BUSYBOX.read_bytes()}, links)


def tar(files: Files, links: Mapping[str, str] | None = None) -> bytes:
    """Return a layer of executable files, and of symlinks given as name: target."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as layer:
        for directory in _DIRECTORIES:
            entry = tarfile.TarInfo(directory)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            layer.addfile(entry)
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755
            layer.addfile(entry, io.BytesIO(data))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            layer.addfile(entry)
    return buffer.getvalue()


def digest(content: bytes) -> str:
    """Return the sha256 digest as images write it."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def no_config(platform: Platform) -> ImageConfig:
    """Return the config of an image that says nothing."""
    return ImageConfig(platform=platform, diff_ids=())


def _told(blob: Descriptor) -> dict[str, str | int]:
    return {"mediaType": blob.media_type, "digest": blob.digest, "size": blob.size}
