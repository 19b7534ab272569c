"""A Pi, as far as QEMU has one: its machine "virt" with a Pi's processor, and a card."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.images.pi_card import CARD_SIZE, flash, read_kernel, write_text
from tests.machine.processes import require_sandbox
from tests.vm.machine import ADDRESS, SSH_OPTIONS, Machine
from tests.vm.seed import make_key

EMULATORS = {
    "arm64": ("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72"),
    "armhf": ("qemu-system-arm", "-M", "virt,highmem=off", "-cpu", "cortex-a15"),
}
_NETWORK = f"user,id=net,ipv6=off,hostfwd=tcp:{ADDRESS}:22-:22,hostfwd=tcp:{ADDRESS}:8080-:8080"
_RESTRICTED = ",restrict=on"
"""The guest reaches nothing, and is reached: nothing can be downloaded."""


@dataclass
class Pi(Machine):
    """A Pi that is started from a card, not from a kernel beside it.

    Attributes:
        boot: not used; the kernel comes from the card.
        architecture: Debian's name for it.
    """

    architecture: str = "arm64"
    more: tuple[str, ...] = field(default=())

    @property
    def disk(self) -> Path:
        """The card, whole."""
        return self.directory / "card.img"

    def start(self, *options: str) -> None:
        """Switch it on."""
        require_sandbox()
        found = read_kernel(self.disk)
        command = [
            *EMULATORS[self.architecture],
            *("-accel", "tcg,thread=multi", "-smp", "2", "-m", str(self.memory)),
            *("-nodefaults", "-display", "none"),
            *("-kernel", str(found.kernel), "-initrd", str(found.initrd)),
            *("-append", f"{found.command_line} console=ttyAMA0 nowatchdog"),
            *("-drive", f"file={self.disk},if=none,id=card,format=raw"),
            *("-device", "virtio-blk-pci,drive=card", "-device", "virtio-rng-pci"),
            *("-netdev", _NETWORK + _RESTRICTED, "-device", "virtio-net-pci,netdev=net"),
            # A busy host makes the guest silent for longer than its watchdog allows.
            *("-device", "i6300esb", "-action", "watchdog=none"),
            *("-chardev", f"file,id=tty,path={self.directory}/console,append=on"),
            *("-serial", "chardev:tty", "-qmp", f"unix:{self._qmp},server=on,wait=off"),
            *self.more,
            *options,
        ]
        (self.directory / "console").touch()
        with (self.directory / "qemu.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def send(self, path: Path, target: str) -> None:
        """Copy a file into it."""
        words = ["scp", *SSH_OPTIONS, "-i", str(self.key), str(path), f"debian@{ADDRESS}:{target}"]
        subprocess.run(words, check=True, capture_output=True, timeout=300)


def new_pi(directory: Path, image: Path, architecture: str, memory: int = 1024) -> Pi:
    """Flash a card, and put a key for the user debian on it: what docs/raspberry-pi.md says."""
    directory.mkdir(parents=True, exist_ok=True)
    flash(image, directory / "card.img", CARD_SIZE)
    public = make_key(directory / "key")
    user_data = f"#cloud-config\nssh_authorized_keys:\n  - {public}\nhostname: faasd\n"
    write_text(directory / "card.img", "user-data", user_data)
    return Pi(directory=directory, boot=directory, architecture=architecture, memory=memory)
