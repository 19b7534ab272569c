"""The core services' images, built before a sandbox is entered: in it there is no apt."""

import shutil
from pathlib import Path

from tests.machine.processes import require_sandbox

BUILT = Path(__file__).parents[2] / ".cache/core-images"
NAMES = ("nats", "prometheus", "python", "router")


def provide_core_images(directory: Path) -> None:
    """Put the archives that `tests/core-images.sh` built where `faasd up` looks for them."""
    require_sandbox()
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    for name in NAMES:
        archive = BUILT / f"{name}.tar"
        assert archive.is_file(), f"{archive} is missing: tests/core-images.sh builds it"
        (directory / archive.name).symlink_to(archive)
