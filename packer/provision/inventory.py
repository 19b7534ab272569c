# ruff: noqa: INP001  # it is run by its path
"""Writes down what a machine holds: a CycloneDX list of its packages, and what the image is.

Runs on the machine that becomes an image, with nothing but Debian's Python and dpkg:
`python3 inventory.py OUT`. The same machine gives the same bytes: there is no time in it.
"""

import hashlib
import json
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import quote

PLACE = Path("/usr/lib/faasd-image")
FIELDS = (
    "${db:Status-Status}",
    "${Package}",
    "${Version}",
    "${Architecture}",
    "${source:Package}",
    "${source:Version}",
    "${Maintainer}",
)


def ask(*command: str) -> str:
    """Run a program to its end, which must be good; return what it printed."""
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def list_packages() -> list[dict[str, object]]:
    """Return the installed packages of Debian, by name, as components."""
    lines = ask("dpkg-query", "-W", "-f", "\t".join(FIELDS) + "\n").splitlines()
    rows = [line.split("\t") for line in sorted(lines)]
    return [package(*row[1:]) for row in rows if row[0] == "installed"]


def package(
    name: str, version: str, architecture: str, source: str, source_version: str, maintainer: str
) -> dict[str, object]:
    """Return one; its purl is that of the package-url specification for deb."""
    upstream = quote(f"{source}@{source_version}", safe="")
    where = f"arch={architecture}&distro=debian-12&upstream={upstream}"
    purl = f"pkg:deb/debian/{quote(name)}@{quote(version, safe='~.')}?{where}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "supplier": {"name": maintainer},
    }


def list_images() -> list[dict[str, object]]:
    """Return the functions' images, by name, as components."""
    rows = [line.split() for line in ask("faasd", "image", "list").splitlines()]
    return [
        {
            "type": "container",
            "bom-ref": f"{name}@{digest}",
            "name": name,
            "version": digest,
            "hashes": [{"alg": "SHA-256", "content": digest.removeprefix("sha256:")}],
        }
        for name, digest in (row[:2] for row in rows if row[1:2] and row[1].startswith("sha256:"))
    ]


def list_core_images() -> list[dict[str, object]]:
    """Return the core services' images, by name, as components."""
    return [
        {
            "type": "container",
            "bom-ref": f"core-image/{path.stem}",
            "name": f"faasd core image {path.stem}",
            "hashes": [{"alg": "SHA-256", "content": digest(path)}],
        }
        for path in sorted(Path("/var/lib/faasd/core-images").glob("*.tar"))
    ]


def digest(path: Path) -> str:
    """Return a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(out: Path) -> None:
    """Write both files."""
    version = ask("dpkg-query", "-W", "-f", "${Version}", "faasd")
    architecture = ask("dpkg", "--print-architecture").strip()
    functions = list_images()
    components = [*list_packages(), *list_core_images(), *functions]
    body = json.dumps(components, sort_keys=True)
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.4",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, body)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "operating-system",
                "bom-ref": "image",
                "name": "faasd-image",
                "version": version,
            }
        },
        "components": components,
    }
    about = {
        "faasd": version,
        "architecture": architecture,
        "release_sha256": (PLACE / "release.sha256").read_text().strip(),
        "functions": {str(one["name"]): one["version"] for one in functions},
        "packages": len(list_packages()),
    }
    for name, content in (("sbom.cdx.json", bom), ("about.json", about)):
        (out / name).write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
