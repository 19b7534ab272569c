"""The session of docs/raspberry-pi.md, recorded while a test follows it."""

from pathlib import Path

from tests.images.pi_first_boot import IMAGES, READY, Booted
from tests.images.pi_page import Step, read_step
from tests.images.pi_recording import Recording
from tests.machine.pages import TREE

RECORDING = "session.svg"
"""Where it is put, beside the images; docs/raspberry-pi/ has a copy."""


def record(booted: Booted, image: Path, logged_in: str, deployed: str) -> None:
    """Draw what was typed and what came of it, from the build to a function's answer.

    Only where all of it is the page's: an image for a real Pi, in a machine that had nothing yet.
    """
    pi = booted.pi
    name = image.name.removesuffix(".img.xz")
    if pi.board.name != "arm64" or name.endswith("-qemu"):
        return
    if "no functions" not in logged_in or "prometheus" not in logged_in:
        return
    recording = Recording(hidden=(IMAGES, pi.directory, TREE))
    said = (IMAGES / f"{pi.board.architecture}.said").read_text().splitlines()
    build = "\n".join(line for line in said if line.startswith("pi: "))
    recording.type(read_step(Step.BUILD), build)
    write = read_step(Step.WRITE_BY_MAP).replace("NAME", name)
    recording.type(write, pi.written)
    recording.note("put the SSH key into user-data, switch on; the console says:")
    recording.type("", _last_words(pi.console))
    recording.type(read_step(Step.LOG_IN), logged_in)
    recording.type(read_step(Step.DEPLOY), deployed)
    (IMAGES / RECORDING).write_text(recording.draw())


def _last_words(console: str) -> str:
    return next(line for line in console.splitlines() if READY in line)
