"""A Pi, as far as QEMU has one, and its card."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.images.pi_boards import BOARDS, Board
from tests.images.pi_card import flash, read_kernel, read_text, take, write_text
from tests.images.pi_page import Step, edit
from tests.machine.processes import require_sandbox
from tests.vm.machine import ADDRESS, SSH_OPTIONS, Machine
from tests.vm.seed import make_key

_NETWORK = f"user,id=net,ipv6=off,hostfwd=tcp:{ADDRESS}:22-:22,hostfwd=tcp:{ADDRESS}:8080-:8080"
_RESTRICTED = ",restrict=on"
"""The guest reaches nothing, and is reached: nothing can be downloaded."""


@dataclass
class Pi(Machine):
    """A Pi that is started from a card, not from a kernel beside it.

    Attributes:
        boot: not used; the kernel comes from the card.
        board: which it is.
        written: what was said when its card was written.
    """

    board: Board = BOARDS["arm64"]
    written: str = ""

    @property
    def disk(self) -> Path:
        """The card, whole."""
        return self.directory / "card.img"

    def start(self, *options: str) -> None:
        """Switch it on."""
        require_sandbox()
        board, found = self.board, read_kernel(self.disk)
        tree = ("-dtb", str(take(self.disk, board.tree, "tree"))) if board.tree else ()
        command = [
            *(*board.emulator, "-accel", "tcg,thread=multi", "-m", str(self.memory)),
            *("-nodefaults", "-display", "none"),
            *("-kernel", str(found.kernel), "-initrd", str(found.initrd), *tree),
            *("-append", f"{found.command_line} {board.words}"),
            *("-netdev", _NETWORK + _RESTRICTED),
            *("-chardev", f"file,id=tty,path={self.directory}/console,append=on"),
            *(word.format(card=self.disk) for word in board.devices),
            *("-qmp", f"unix:{self._qmp},server=on,wait=off"),
            *options,
        ]
        (self.directory / "console").touch()
        with (self.directory / "qemu.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def throw_away(self) -> None:
        """Switch it off, and its card, which is large, with it."""
        self.cut_power()
        self.disk.unlink(missing_ok=True)

    def send(self, path: Path, target: str) -> None:
        """Copy a file into it."""
        words = ["scp", *SSH_OPTIONS, "-i", str(self.key), str(path), f"debian@{ADDRESS}:{target}"]
        subprocess.run(words, check=True, capture_output=True, timeout=300)


def new_pi(directory: Path, image: Path, board: Board, step: Step = Step.WRITE_BY_MAP) -> Pi:
    """Follow docs/raspberry-pi.md until a Pi can be switched on: write a card, put a key on it."""
    directory.mkdir(parents=True, exist_ok=True)
    card = directory / "card.img"
    written = flash(image, card, step)
    user_data = edit(read_text(card, "user-data"), make_key(directory / "key"))
    write_text(card, "user-data", user_data)
    return Pi(directory=directory, boot=directory, board=board, written=written)
