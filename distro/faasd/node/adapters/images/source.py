"""Port `ImageSource`: what skopeo brings, lying in the node's staging directory until it is held.

``STAGING/blobs/sha256`` is shared by all fetches: a cut one leaves whole blobs there, from which
the next goes on. Each fetch has a directory of its own beside it, locked while it is in use, so
that those of killed processes can be told and removed.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from faasd.base.errors import Unsatisfiable
from faasd.node.adapters.images.archives import Archive, read_archive, uncompress
from faasd.node.adapters.images.layouts import blob_path, read_layout
from faasd.node.adapters.images.skopeo import POLICY, Skopeo
from faasd.node.adapters.images.staging import Staging
from faasd.node.domain.image import Descriptor, ImageLayout, Platform, ResolvedImage
from faasd.node.domain.manifest import (
    Index,
    Manifest,
    check_platform,
    choose_manifest,
    parse_config,
    parse_manifest,
)
from faasd.node.domain.reference import parse_reference
from faasd.node.domain.settings import NodeSettings
from faasd.node.ports.images import Reuse

INSPECT_TIMEOUT = 60.0
COPY_TIMEOUT = 3600.0
"""Seconds; a large image over a slow line takes long, and a dead one must end some day."""

_ACCEPT_ALL = {"default": [{"type": "insecureAcceptAnything"}]}


class SkopeoImages:
    """Registries and archives through skopeo."""

    def __init__(self, settings: NodeSettings) -> None:
        self._staging = Staging(Path(settings.state_dir, "images"))
        self._skopeo = Skopeo(
            authfile=Path(settings.state_dir, ".docker", "config.json"),
            registries_conf=settings.registries_conf,
            policy=self._policy(),
        )

    def resolve(self, reference: str, platform: Platform) -> ResolvedImage:
        """Ask for the manifest, and for the platform's where it is an index."""
        pinned = parse_reference(reference)
        content = self._inspect("--raw", reference)
        source = Descriptor(media_type="", digest=_digest(content), size=len(content))
        if pinned.digest and source.digest != pinned.digest:
            raise Unsatisfiable(
                f"the registry answers {source.digest} for {reference}", field="image"
            )
        found, chosen = parse_manifest(content, reference), source
        if isinstance(found, Index):
            chosen = choose_manifest(found, platform, reference)
            content = self._inspect("--raw", pinned.with_digest(chosen.digest).name)
            found = parse_manifest(content, reference)
        else:
            config = self._inspect("--config", "--raw", pinned.with_digest(chosen.digest).name)
            check_platform(parse_config(config, reference), platform, reference)
        if not isinstance(found, Manifest):
            raise Unsatisfiable(f"image {reference} is an index of indexes", field="image")
        return ResolvedImage(
            name=reference,
            source_digest=source.digest,
            manifest_digest=chosen.digest,
            platform=platform,
            layers=tuple(layer.digest for layer in found.layers),
            size=found.size,
        )

    def fetch(self, image: ResolvedImage, reuse: Reuse) -> ImageLayout:
        """Copy by digest; what the node holds is put in place before, and not downloaded."""
        pinned = parse_reference(image.name).with_digest(image.manifest_digest)
        with self._used_until_discarded() as directory:
            for layer in image.layers:
                self._reuse(layer, reuse)
            arguments = (
                "copy", "--quiet", *self._skopeo.credentials(), "--retry-times", "2",
                "--dest-shared-blob-dir", str(self._staging.blobs),
                f"docker://{pinned.name}", f"oci:{directory}:image",
            )  # fmt: skip
            self._skopeo.run(arguments, image.name, COPY_TIMEOUT)
            layout = read_layout(directory, self._staging.blobs, image.name, image.platform)
        return replace(layout, source_digest=image.source_digest)

    def unpack_archive(self, archive: Path, platform: Platform) -> Sequence[ImageLayout]:
        """Copy every image out of the archive."""
        layouts: list[ImageLayout] = []
        with self._discarded_on_failure(layouts), self._uncompressed(archive) as plain:
            opened = read_archive(plain)
            for name in opened.names:
                layouts.append(self._unpack(opened, name, platform))  # noqa: PERF401
        return layouts

    def discard(self, layout: ImageLayout) -> None:
        """Remove the blobs; another fetch that needs one of them brings it again."""
        blobs = (layout.manifest, layout.config_blob, *layout.layers)
        self._staging.leave(blob_path(self._staging.blobs, blob.digest) for blob in blobs)

    def _unpack(self, archive: Archive, name: str, platform: Platform) -> ImageLayout:
        with self._used_until_discarded() as directory:
            arguments = (
                "--override-arch", platform.architecture, "--override-os", platform.os,
                *(("--override-variant", platform.variant) if platform.variant else ()),
                "copy", "--quiet", "--dest-shared-blob-dir", str(self._staging.blobs),
                archive.source(name), f"oci:{directory}:image",
            )  # fmt: skip
            self._skopeo.run(arguments, f"archive {archive.path}", COPY_TIMEOUT)
            return read_layout(directory, self._staging.blobs, parse_reference(name).name, platform)

    def _inspect(self, *arguments: str) -> bytes:
        *options, name = arguments
        command = ("inspect", *options, *self._skopeo.credentials(), f"docker://{name}")
        return self._skopeo.run(command, name, INSPECT_TIMEOUT)

    def _reuse(self, digest: str, reuse: Reuse) -> None:
        target = blob_path(self._staging.blobs, digest)
        if not target.exists():
            reuse(digest, target)

    @contextmanager
    def _uncompressed(self, archive: Path) -> Iterator[Path]:
        """Give the archive itself, or, as skopeo reads no compressed one, an unpacked copy."""
        if read_archive(archive).compressed:
            with self._staging.directory() as directory:
                yield uncompress(archive, directory / "archive.tar")
        else:
            yield archive

    @contextmanager
    def _used_until_discarded(self) -> Iterator[Path]:
        """Give a directory of its own, and use the shared blobs beyond the block if it succeeds."""
        with ExitStack() as undo:
            self._staging.enter()
            undo.callback(self._staging.leave)
            with self._staging.directory() as directory:
                yield directory
            undo.pop_all()

    @contextmanager
    def _discarded_on_failure(self, layouts: Sequence[ImageLayout]) -> Iterator[None]:
        try:
            yield
        except BaseException:
            for layout in layouts:
                self.discard(layout)
            raise

    def _policy(self) -> Path:
        if POLICY.is_file():
            return POLICY
        own = self._staging.root / "policy.json"
        own.write_text(json.dumps(_ACCEPT_ALL))
        return own


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
