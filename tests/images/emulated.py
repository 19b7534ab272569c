"""A disk that Packer made, in an emulated machine that boots from it as a server does."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.images.packer import BUILT, GOOD, Place, flags
from tests.machine.processes import require_sandbox
from tests.vm.machine import ADDRESS, CPU, Machine
from tests.vm.seed import make_overlay

BUILD = 7200.0
"""Seconds that a build may take with emulated processors on a loaded machine."""

# What is forwarded comes in; nothing goes out.
_CLOSED = f"user,id=net,ipv6=off,restrict=on,hostfwd=tcp:{ADDRESS}:8080-:8080"
_OFFSET = 1 << 20
"""Bytes before the first partition."""


def build_disk(place: Place) -> Path:
    """Have Packer make a disk, without KVM; return it."""
    base = BUILT / "base.qcow2"
    variables = GOOD | {
        "qemu_base": str(base),
        "qemu_base_checksum": f"sha256:{_sha256(base)}",
        "qemu_accelerator": "tcg",
        "qemu_cpu": CPU,
        "output": str(place.top / "node"),
    }
    ran = place.build("qemu", *flags(variables), seconds=BUILD)
    assert ran.status == 0, ran.said[-4000:]
    return place.top / "node/faasd-0.1.0.qcow2"


@dataclass
class Emulated(Machine):
    """A machine with nothing but that disk; `network` holds the options of what it is wired to."""

    network: tuple[str, ...] = ("-nic", "none")

    def start(self, *options: str) -> None:
        """Switch it on."""
        require_sandbox()
        command = [
            *("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", CPU, "-smp", "2"),
            *("-m", str(self.memory), "-display", "none", "-device", "virtio-rng-pci"),
            *("-drive", f"file={self.disk},if=virtio,format=qcow2,discard=unmap"),
            *("-chardev", f"file,id=tty,path={self.directory}/console,append=on"),
            *("-serial", "chardev:tty", "-qmp", f"unix:{self.directory}/qmp,server=on,wait=off"),
            *self.network,
            *options,
        ]
        (self.directory / "console").touch()
        with (self.directory / "qemu.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def shut_down(self) -> None:
        """Have the guest end everything in order, and wait for it."""
        self.ask("system_powerdown")
        self.wait_off(60)

    def read(self, path: str) -> str:
        """Return a file of the machine, which is off."""
        return self._ask(f"cat {path}")

    def ask_filesystem(self) -> str:
        """Return what the root says of itself; the machine is off."""
        return self._ask("show_super_stats -h")

    def _ask(self, question: str) -> str:
        raw = self.directory / "raw"
        if not raw.exists():
            convert = ["qemu-img", "convert", "-O", "raw", str(self.disk), str(raw)]
            subprocess.run(convert, check=True, timeout=600)
        command = ["debugfs", "-R", question, f"{raw}?offset={_OFFSET}"]
        asked = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return asked.stdout


def make(directory: Path, disk: Path, size: str = "") -> Emulated:
    """Make a machine of the image, which stays as it is, with a disk of its own size."""
    directory.mkdir(parents=True, exist_ok=True)
    machine = Emulated(directory=directory, boot=directory)
    make_overlay(machine.disk, disk)
    if size:
        subprocess.run(["qemu-img", "resize", "-q", str(machine.disk), size], check=True)
    return machine


def closed() -> tuple[str, ...]:
    """Return a wire on which callers reach the machine, and it reaches nobody."""
    return ("-netdev", _CLOSED, "-device", "virtio-net-pci,netdev=net")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
