"""`python3 -m tests.conformance.images ARCHIVE [REGISTRY]`: builds the suite's images.

Writes them to ARCHIVE (as `docker save` does), by the names of the environment or the defaults;
with REGISTRY, by names there, to which they are pushed.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.conformance.settings import IMAGES, REGISTRY, image_variable, read_settings
from tests.programs.images import make_function_images


def push_images(archive: Path, references: Mapping[str, str], *options: str) -> None:
    """Build the images and push each to where its reference says."""
    make_function_images(archive, references)
    for reference in references.values():
        command = ["skopeo", "copy", "--quiet", *options]
        ends = (f"docker-archive:{archive}:{reference}", f"docker://{reference}")
        subprocess.run([*command, *ends], check=True, timeout=300)


def main(archive: str, registry: str = "") -> None:
    """Build, and push where a registry is given."""
    if not registry:
        make_function_images(Path(archive), read_settings(os.environ).images)
        return
    moved = {kind: name.replace(REGISTRY, registry, 1) for kind, name in IMAGES.items()}
    push_images(Path(archive), moved)
    for kind, name in moved.items():
        print(f"export {image_variable(kind)}={name}")  # noqa: T201  # to be used by a shell


if __name__ == "__main__":
    main(*sys.argv[1:])
