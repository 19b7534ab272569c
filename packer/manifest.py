# ruff: noqa: INP001  # it is run by its path
"""The last step of a build, on the machine that runs Packer: `python3 manifest.py OUTPUT`.

Puts together what came of it: OUTPUT.manifest.json says what the image is, how large, and with
which checksums; OUTPUT.sha256 is for `sha256sum --check`. What Packer wrote for that is removed.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, cast


def digest(path: Path) -> str:
    """Return a file's SHA-256, of files of any size."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return total.hexdigest()


def read(path: Path) -> dict[str, Any]:
    """Return the JSON object of a file."""
    return cast("dict[str, Any]", json.loads(path.read_text()))


def describe_disk(path: Path) -> dict[str, object]:
    """Return size and checksum of a disk: as a file, and as the machine sees it."""
    asked = subprocess.run(
        ["qemu-img", "info", "--output=json", str(path)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    info = json.loads(asked.stdout)
    return {
        "file": str(path),
        "format": info["format"],
        "bytes": path.stat().st_size,
        "disk_bytes": info["virtual-size"],
        "sha256": digest(path),
    }


def main(output: Path) -> None:
    """Write both files beside the output."""

    def beside(ending: str) -> Path:
        return output.with_name(f"{output.name}.{ending}")

    packer = read(beside("packer.json"))
    last = next(
        one for one in packer["builds"] if one["packer_run_uuid"] == packer["last_run_uuid"]
    )
    sbom = beside("sbom.cdx.json")
    disks = [Path(one["name"]) for one in last["files"] or []]
    manifest = {
        "builder": last["builder_type"],
        "artifact": last["artifact_id"],
        **read(beside("about.json")),
        "disks": [describe_disk(path) for path in disks],
        "sbom": {"file": sbom.name, "bytes": sbom.stat().st_size, "sha256": digest(sbom)},
    }
    beside("manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    listed = [*disks, sbom, beside("manifest.json")]
    top = output.parent
    sums = [f"{digest(path)}  {path.resolve().relative_to(top.resolve())}\n" for path in listed]
    beside("sha256").write_text("".join(sums))
    for ending in ("packer.json", "about.json"):
        beside(ending).unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
