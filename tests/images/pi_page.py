"""docs/raspberry-pi.md, word by word. `python3 -m tests.images.pi_page` prints how to build."""

import re
import shlex
import sys
from enum import IntEnum
from pathlib import Path

from tests.machine.pages import DOCS, follow, read_commands
from tests.vm.machine import ADDRESS, SLOW, Machine
from tests.vm.node import ssh_options

PAGE = "raspberry-pi.md"
_KEY = "ssh-ed25519 AAAA... you@laptop"
_SETTINGS = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Step(IntEnum):
    """The page's blocks of commands, in its order."""

    BUILD = 0
    WRITE_BY_MAP = 1
    WRITE_WHOLE = 2
    LOG_IN = 3
    DEPLOY = 4


def read_step(step: Step) -> str:
    """Return what the page tells to type."""
    blocks = read_commands(PAGE)
    assert len(blocks) == len(Step), f"{PAGE} has {len(blocks)} blocks of commands"
    return blocks[step]


def write_card(step: Step, image: Path, card: Path) -> str:
    """Write a .img.xz to a card, in one of the page's two ways; return what that prints."""
    name = shlex.quote(str(image).removesuffix(".img.xz"))
    ours = {"sudo ": "", "NAME": name, "/dev/sdX": shlex.quote(str(card))}
    return follow(read_step(step), ours, seconds=900)


def edit(user_data: str, key: str) -> str:
    """Return `user-data` with the lines of the page taken in, and a public key of one's own."""
    (block,) = _SETTINGS.findall((DOCS / PAGE).read_text())
    for line in block.splitlines():
        assert f"#{line}\n" in user_data, f"{line!r} is not in {user_data}"
        user_data = user_data.replace(f"#{line}\n", f"{line}\n")
    return user_data.replace(_KEY, key)


def work(step: Step, pi: Machine) -> str:
    """Run a block against a node that is on; return what it prints.

    The name faasd.local is told by multicast, which does not leave the emulator: the address is
    taken for it.
    """
    ours = {"faasd.local": ADDRESS, "ssh debian@": f"ssh {ssh_options(pi)} debian@"}
    return follow(read_step(step), ours, seconds=200 * SLOW, complain=pi.tail)


if __name__ == "__main__":
    sys.stdout.write(read_step(Step.BUILD) + "\n")
