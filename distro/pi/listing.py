"""The entry of an image in a list that Raspberry Pi Imager reads (os_list, version 4)."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pi.plan import Plan

_CHUNK = 1 << 20
_PLACE = "https://example.com/"
"""Stands for where the image will be put: whoever publishes it knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A file's size and SHA-256."""

    size: int
    digest: str


def measure(path: Path) -> Measured:
    """Read a file to its end."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while read := file.read(_CHUNK):
            digest.update(read)
            size += len(read)
    return Measured(size=size, digest=digest.hexdigest())


def make_listing(plan: Plan, image: Measured, packed: Measured) -> str:
    """Return the list with this image alone; its URL is to be filled in."""
    entry = {
        "name": f"faasd {plan.version} ({plan.architecture.bits} bit)",
        "description": f"A node that runs functions, for {plan.architecture.boards}",
        "url": f"{_PLACE}{plan.name}.img.xz",
        "icon": "",
        "release_date": datetime.fromtimestamp(plan.epoch, UTC).strftime("%Y-%m-%d"),
        "extract_size": image.size,
        "extract_sha256": image.digest,
        "image_download_size": packed.size,
        "image_download_sha256": packed.digest,
        # The Imager's own questions are answered by user-data on the card.
        "init_format": "cloudinit",
        "devices": list(plan.architecture.tags),
    }
    return json.dumps({"os_list": [entry]}, indent=2) + "\n"
