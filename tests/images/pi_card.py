"""A card, flashed with an image as a person does it, and read as a Pi's firmware reads it."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

BOOT_OFFSET = 4 << 20
"""Where the first partition begins."""

CARD_SIZE = 4 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """What the firmware starts, by config.txt and cmdline.txt."""

    kernel: Path
    initrd: Path
    command_line: str


def flash(image: Path, card: Path, size: int = CARD_SIZE) -> None:
    """Write `image`, a .img.xz, to a new card by its block map; the rest of the card is garbage."""
    bmap = image.with_name(image.name.removesuffix(".img.xz") + ".bmap")
    with card.open("wb") as file:
        file.truncate(size)
    _run("bmaptool", "copy", "--bmap", str(bmap), str(image), str(card), seconds=900)
    # bmaptool ends a file where its image ends.
    with card.open("r+b") as file:
        file.truncate(size)


def write_text(card: Path, name: str, text: str) -> None:
    """Change a text file on the first partition, as an editor does."""
    edited = card.with_suffix(f".{name}")
    edited.write_text(text)
    _run("mcopy", "-o", "-i", _boot(card), str(edited), f"::{name}")


def read_text(card: Path, name: str) -> str:
    """Return a text file of the first partition."""
    return _run("mtype", "-i", _boot(card), f"::{name}")


def read_kernel(card: Path) -> Kernel:
    """Do what the firmware does: read config.txt, and what it names."""
    config = read_text(card, "config.txt")
    names = {
        "kernel": re.findall(r"^kernel=(\S+)$", config, re.MULTILINE)[-1],
        "initrd": re.findall(r"^initramfs (\S+)$", config, re.MULTILINE)[-1],
    }
    for name, source in names.items():
        _run("mcopy", "-o", "-i", _boot(card), f"::{source}", str(card.with_name(name)))
    return Kernel(
        kernel=card.with_name("kernel"),
        initrd=card.with_name("initrd"),
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
