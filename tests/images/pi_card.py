"""A card, flashed with an image as a person does it, and read as a Pi's firmware reads it."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.images.pi_page import Step, write_card

BOOT_OFFSET = 4 << 20
"""Where the first partition begins."""

CARD_SIZE = 4 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """What the firmware starts, by config.txt and cmdline.txt."""

    kernel: Path
    initrd: Path
    command_line: str


def flash(image: Path, card: Path, step: Step, size: int = CARD_SIZE) -> str:
    """Write a .img.xz to a new card in one of the page's two ways; return what that prints."""
    with card.open("wb") as file:
        file.truncate(size)
    said = write_card(step, image, card)
    # Either way a file ends where its image does.
    with card.open("r+b") as file:
        file.truncate(size)
    return said


def write_text(card: Path, name: str, text: str) -> None:
    """Change a text file on the first partition, as an editor does."""
    edited = card.with_suffix(f".{name}")
    edited.write_text(text)
    _run("mcopy", "-o", "-i", _boot(card), str(edited), f"::{name}")


def read_text(card: Path, name: str) -> str:
    """Return a text file of the first partition."""
    return _run("mtype", "-i", _boot(card), f"::{name}")


def take(card: Path, source: str, name: str) -> Path:
    """Copy a file of the first partition to `name`, beside the card."""
    target = card.with_name(name)
    _run("mcopy", "-o", "-i", _boot(card), f"::{source}", str(target))
    return target


def read_kernel(card: Path) -> Kernel:
    """Do what the firmware does: read config.txt, and what it names."""
    config = read_text(card, "config.txt")
    kernel = re.findall(r"^kernel=(\S+)$", config, re.MULTILINE)[-1]
    initrd = re.findall(r"^initramfs (\S+)$", config, re.MULTILINE)[-1]
    return Kernel(
        kernel=take(card, kernel, "kernel"),
        initrd=take(card, initrd, "initrd"),
        command_line=read_text(card, "cmdline.txt").strip(),
    )


def _boot(card: Path) -> str:
    return f"{card}@@{BOOT_OFFSET}"


def _run(*command: str, seconds: float = 120) -> str:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout
