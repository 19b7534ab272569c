"""The list of what an image is made of, as CycloneDX 1.4 JSON."""

import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from pi.plan import Plan


def read_status(path: Path) -> Iterator[Mapping[str, str]]:
    """Read the packages that are installed in dpkg's status file."""
    for part in path.read_text().split("\n\n"):
        lines = [line for line in part.splitlines() if not line.startswith(" ")]
        fields = {name: value.strip() for name, _, value in (one.partition(":") for one in lines)}
        if fields.get("Status", "").endswith(" installed"):
            yield fields


def make_sbom(plan: Plan, status: Path) -> str:
    """Return the list for the image whose dpkg status is `status`."""
    stamp = datetime.fromtimestamp(plan.epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.4",
        "serialNumber": f"urn:uuid:{uuid.UUID(bytes=plan.seed[:16], version=4)}",
        "version": 1,
        "metadata": {
            "timestamp": stamp,
            "component": {"type": "operating-system", "name": plan.name, "version": plan.version},
        },
        "components": [_component(fields) for fields in read_status(status)],
    }
    return json.dumps(document, indent=1) + "\n"


def _component(fields: Mapping[str, str]) -> Mapping[str, str]:
    name, version, architecture = (fields[key] for key in ("Package", "Version", "Architecture"))
    place = f"pkg:deb/debian/{quote(name)}@{quote(version, safe='')}"
    return {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"{place}?arch={architecture}&distro=debian-12",
    }
