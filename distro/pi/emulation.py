"""Programs of another architecture, run on this machine by qemu-user.

Where no systemd registers that with the kernel, a build does, under a name of its own, and takes it
back. The interpreter is opened once, so roots need no copy of it (flag F of binfmt_misc).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import NotFound, Unavailable
from pi.steps import run

BINFMT = Path("/proc/sys/fs/binfmt_misc")
_MASK = r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """One kind of machine, and what everybody calls it.

    Attributes:
        name: Debian's.
        oci: that of images.
        emulator: of its programs.
        kernel: the package.
        magic: how its programs begin (an ELF header).
        devices: where the kernel's package has the device trees, below its own directory.
        bits: of a word.
        boards: as a person knows them.
        tags: the same as Raspberry Pi Imager's lists have them.
    """

    name: str
    oci: str
    emulator: str
    kernel: str
    magic: str
    devices: str
    bits: int
    boards: str
    tags: tuple[str, ...]


ARCHITECTURES = {
    "arm64": Architecture(
        name="arm64",
        oci="arm64",
        emulator="qemu-aarch64-static",
        kernel="linux-image-arm64",
        magic=r"\x7fELF\x02\x01\x01" + r"\x00" * 9 + r"\x02\x00\xb7\x00",
        devices="broadcom",
        bits=64,
        boards="Pi 3, Pi 4, Pi 400, Zero 2 W",
        tags=("pi3-64bit", "pi4-64bit"),
    ),
    "armhf": Architecture(
        name="armhf",
        oci="arm",
        emulator="qemu-arm-static",
        kernel="linux-image-armmp",
        magic=r"\x7fELF\x01\x01\x01" + r"\x00" * 9 + r"\x02\x00\x28\x00",
        devices="",
        bits=32,
        boards="Pi 2, Pi 3",
        tags=("pi2-32bit", "pi3-32bit"),
    ),
}


def registration(architecture: Architecture, name: str, emulator: Path) -> str:
    """Return the line that the kernel takes."""
    return f":{name}:M::{architecture.magic}:{_MASK}:{emulator}:OCF"


@contextmanager
def emulated(architecture: Architecture, log: Path) -> Iterator[None]:
    """Have this machine run programs of the architecture while the block runs.

    Raises:
        NotFound: the emulator is not installed.
        Unavailable: the kernel has no binfmt_misc.
    """
    emulator = Path("/usr/bin") / architecture.emulator
    if not emulator.is_file():
        raise NotFound(f"needs {emulator}: apt-get install qemu-user-static")
    if not (BINFMT / "register").exists():
        try:
            run(["mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT], 20, log=log)
        except Unavailable:
            raise Unavailable(
                "the kernel cannot run another architecture's programs: modprobe binfmt_misc"
            ) from None
    name = f"faasd-pi-{os.getpid()}"
    (BINFMT / "register").write_text(registration(architecture, name, emulator))
    try:
        yield
    finally:
        (BINFMT / name).write_text("-1")
