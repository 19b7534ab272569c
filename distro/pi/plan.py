"""What is to be built, and where: parsed from the command line."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from pi.emulation import Architecture
from pi.sources import Source

TREE = Path(__file__).parents[2]
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One image.

    Attributes:
        firmware: whether it has what a Pi itself needs, and is not free.
        sources: of packages.
        out: the directory that it is put into.
        cache: what runs keep between them: packages, roots, core images.
        work: what this run needs only while it runs.
        package: faasd's, where it was built before.
        functions: archives of images that the first boot takes in.
        epoch: seconds; the time of everything in the image that has none older.
        patience: how many times longer than usual each step may take.
        boot_size: bytes of the first partition: room for two kernels.
        level: of xz; 1 takes a fraction of the time of 6, and the image is larger.
        spare: bytes that are free in the root before it grows to the card's size.
    """

    architecture: Architecture
    firmware: bool
    sources: tuple[Source, ...]
    out: Path
    cache: Path
    work: Path
    package: Path | None = None
    functions: tuple[Path, ...] = ()
    epoch: int
    patience: float = 1.0
    boot_size: int = 256 << 20
    spare: int = 256 << 20
    level: int = 6
    version: str
    log: Path = field(default=Path("/dev/null"))

    @property
    def name(self) -> str:
        """Return what the image's files are called, without their endings."""
        kind = "" if self.firmware else "-qemu"
        return f"faasd-{self.version}-pi-{self.architecture.name}{kind}"

    @property
    def seed(self) -> bytes:
        """Return what stands for chance: identifiers of disk and file systems come from it."""
        return hashlib.sha256(f"{self.name} {self.epoch}".encode()).digest()
