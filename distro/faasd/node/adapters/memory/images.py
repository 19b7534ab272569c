"""A registry in memory, and the images that the in-memory machine holds."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from faasd.base.errors import InvalidInput, Unavailable, Unsatisfiable
from faasd.node.adapters.memory.world import MemoryWorld
from faasd.node.domain.image import (
    Descriptor,
    Image,
    ImageConfig,
    ImageLayout,
    Platform,
    ResolvedImage,
)
from faasd.node.ports.images import Reuse


def make_layout(name: str, arguments: Sequence[str], **config: object) -> ImageLayout:
    """Return an image for `MemoryWorld.registry` whose entrypoint is `arguments`.

    Args:
        name: full reference, ``docker.io/library/echo:latest``.
        arguments: a program of `programs`, and what is passed to it.
        config: `env` and `platform` of its `ImageConfig`.
    """
    platform = config.get("platform")
    env = config.get("env")
    made = ImageConfig(
        platform=platform if isinstance(platform, Platform) else Platform(architecture="amd64"),
        diff_ids=("sha256:" + "0" * 64,),
        entrypoint=tuple(arguments),
        env=env if isinstance(env, dict) else {},
    )
    digest = "sha256:" + hashlib.sha256(repr((name, made)).encode()).hexdigest()
    return ImageLayout(
        name=name,
        source_digest=digest,
        blobs="",
        manifest=Descriptor(media_type="", digest=digest, size=1),
        config_blob=Descriptor(media_type="", digest=digest, size=1),
        layers=(),
        config=made,
    )


class MemoryImageSource:
    """Port `ImageSource`: the world's registry; an archive is a file with an image's name in it."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def resolve(self, reference: str, platform: Platform) -> ResolvedImage:
        """Find the image in the registry."""
        layout = self._get(reference)
        if layout.config.platform != platform:
            raise Unsatisfiable(
                f"image {reference} is made for {layout.config.platform}, this node is {platform}",
                field="image",
            )
        return ResolvedImage(
            name=reference,
            source_digest=layout.source_digest,
            manifest_digest=layout.manifest.digest,
            platform=platform,
            layers=(),
            size=1,
        )

    def fetch(self, image: ResolvedImage, reuse: Reuse) -> ImageLayout:  # noqa: ARG002
        """Return the layout."""
        return self._get(image.name)

    def unpack_archive(self, archive: Path, platform: Platform) -> Sequence[ImageLayout]:
        """Return the layout that the file names."""
        layout = self._world.registry.get(archive.read_text(errors="replace").strip())
        if layout is None:
            raise InvalidInput(f"{archive} is no image archive")
        self.resolve(layout.name, platform)
        return [layout]

    def discard(self, layout: ImageLayout) -> None:
        """Nothing lies on disk."""

    def _get(self, reference: str) -> ImageLayout:
        if not self._world.registry_answers:
            raise Unavailable(f"the registry of {reference} does not answer")
        layout = self._world.registry.get(reference)
        if layout is None:
            raise Unsatisfiable(f"there is no image {reference} in its registry", field="image")
        return layout


class MemoryImageStore:
    """Port `ImageStore`."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def put(self, namespace: str, layout: ImageLayout) -> Image:
        """Hold the image."""
        self._world.check()
        image = Image(
            name=layout.name,
            digest=layout.manifest.digest,
            config=layout.config,
            chain_id=layout.config.diff_ids[0],
            size=layout.manifest.size,
            source_digest=layout.source_digest,
        )
        self._world.images[namespace, layout.name] = image
        return image

    def find(self, namespace: str, name: str) -> Image | None:
        """Return the image, or None."""
        self._world.check()
        return self._world.images.get((namespace, name))

    def list(self, namespace: str) -> Sequence[Image]:
        """Return all images of the namespace, by name."""
        self._world.check()
        images = dict(self._world.images)
        return [images[key] for key in sorted(images) if key[0] == namespace]

    def remove(self, namespace: str, name: str) -> None:
        """Forget the image."""
        self._world.check()
        self._world.images.pop((namespace, name), None)

    def disk_usage(self, namespace: str) -> int:
        """Return the bytes of all images."""
        return sum(image.size for image in self.list(namespace))

    def export_blob(self, namespace: str, digest: str, target: Path) -> bool:  # noqa: ARG002
        """Hold no blobs."""
        return False
