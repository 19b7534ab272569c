"""A registry of the tests' own with images of several kinds, and nodes that pull from it."""

import hashlib
import json
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from faasd.node.adapters.images.source import SkopeoImages
from faasd.node.domain.image import Platform
from faasd.node.domain.settings import NodeSettings
from tests.machine.registry import Registry

AMD64 = Platform(architecture="amd64")
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def nothing(digest: str, path: Path) -> bool:
    """Hold no blob."""
    del digest, path
    return False


@dataclass(frozen=True)
class Place:
    """Where images come from and go to."""

    registry: Registry
    directory: Path

    def source(self, address: str = "") -> SkopeoImages:
        """Return a source with its own state, which may pull from the registry without TLS."""
        conf = self.directory / "registries.conf"
        addresses = {self.registry.address, address or self.registry.address}
        entries = [f'[[registry]]\nlocation = "{a}"\ninsecure = true\n' for a in sorted(addresses)]
        mirror = f'[[registry.mirror]]\nlocation = "{self.registry.address}"\ninsecure = true\n'
        conf.write_text("".join(entries) + f'[[registry]]\nlocation = "docker.io"\n{mirror}')
        state = self.directory / "state"
        return SkopeoImages(NodeSettings(state_dir=str(state), registries_conf=str(conf)))

    def blobs(self) -> list[str]:
        """Return the blobs in the staging directory."""
        return [path.name for path in (self.directory / "state/images/blobs/sha256").iterdir()]

    def put_manifest(self, repository: str, tag: str, media_type: str, document: object) -> str:
        """Put a manifest into the registry, return its digest."""
        body = json.dumps(document).encode()
        request = urllib.request.Request(
            f"http://{self.registry.address}/v2/{repository}/manifests/{tag}",
            body,
            {"Content-Type": media_type},
            method="PUT",
        )
        with urllib.request.urlopen(request, timeout=10):
            return f"sha256:{hashlib.sha256(body).hexdigest()}"

    def get_manifest(self, repository: str, tag: str) -> tuple[str, int, str]:
        """Return media type, size and digest of a manifest."""
        request = urllib.request.Request(
            f"http://{self.registry.address}/v2/{repository}/manifests/{tag}",
            headers={"Accept": "application/vnd.docker.distribution.manifest.v2+json, " + MANIFEST},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = answer.read()
            digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
            return answer.headers["Content-Type"], len(body), digest

    def put_index(self, repository: str, tag: str, platforms: dict[str, str]) -> str:
        """Put an index over tags of the repository: the platform of each, by tag."""
        entries = []
        for name, platform in platforms.items():
            media_type, size, digest = self.get_manifest(repository, name)
            system, architecture, variant = (*platform.split("/"), "")[:3]
            said = {"os": system, "architecture": architecture, "variant": variant}
            entries.append(
                {
                    "mediaType": media_type,
                    "size": size,
                    "digest": digest,
                    "platform": {key: value for key, value in said.items() if value},
                }
            )
        document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
        return self.put_manifest(repository, tag, INDEX, document)
