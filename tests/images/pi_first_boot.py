"""The first boot of a card: what comes of it, and what must differ from any other's."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from tests.images.pi_machine import Pi
from tests.vm.node import password_of

IMAGES = Path(os.environ.get("FAASD_PI_IMAGES", Path(__file__).parents[2] / ".cache/pi/dist"))
UP = 600.0
"""Seconds from power on to the end of a first boot, on an unloaded machine."""

READY, FAILED = "faasd: ready after", "faasd: FAILED in the first boot"
ECHO = "localhost/echo:latest"
OWN = "sha256sum /var/lib/faasd/secrets/basic-auth-password /etc/ssh/ssh_host_*_key /etc/machine-id"
"""What no two cards may have in common."""


@dataclass(frozen=True)
class Booted:
    """A Pi after its first boot, running."""

    pi: Pi
    password: str
    seconds: float


def find_image(architecture: str) -> Path:
    """Return the image that tests/images/pi.sh made."""
    found = sorted(IMAGES.glob(f"faasd-*-pi-{architecture}*.img.xz"))
    assert len(found) == 1, f"tests/images/pi.sh {architecture}: {found}"
    return found[0]


def boot_first(pi: Pi) -> Booted:
    """Switch it on, and wait until it says that it is a node."""
    began = time.monotonic()
    pi.start()
    pi.wait_said((READY, FAILED), UP)
    seconds = time.monotonic() - began
    assert READY in pi.console, pi.tail()
    return Booted(pi=pi, password=password_of(pi), seconds=seconds)
