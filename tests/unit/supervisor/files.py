"""Compose files for tests."""

from collections.abc import Mapping

from faasd.node.domain.image import Image, ImageConfig, Platform
from faasd.supervisor.compose.file import parse_compose
from faasd.supervisor.compose.values import CoreService

FILE = "docker-compose.yaml"


def image(digest: str) -> Image:
    """Return an image ``nats`` of that digest, as a node holds it."""
    config = ImageConfig(platform=Platform(architecture="amd64"), diff_ids=())
    return Image(name="nats", digest=digest, config=config, chain_id="")


def services(text: str, variables: Mapping[str, str] | None = None) -> tuple[CoreService, ...]:
    """Parse a whole file."""
    return parse_compose(text, variables or {}, FILE)


def service(keys: str, variables: Mapping[str, str] | None = None) -> CoreService:
    """Parse a file of one service, ``nats``, with an image and these keys."""
    lines = "\n".join(f"    {line}" for line in keys.splitlines())
    (found,) = services(f"services:\n  nats:\n    image: nats\n{lines}\n", variables)
    return found
