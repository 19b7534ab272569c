"""The commands of docs/vps.md, taken from the page. `python3 -m tests.vm.page N` prints a block."""

import sys
from collections.abc import Sequence

from tests.machine.pages import read_commands

PAGE = "vps.md"


def read_blocks() -> Sequence[str]:
    """Return the page's blocks of commands: build, render, log in, deploy."""
    blocks = read_commands(PAGE)
    assert len(blocks) == 4, f"{PAGE} has {len(blocks)} blocks of commands"
    return blocks


if __name__ == "__main__":
    sys.stdout.write(read_blocks()[int(sys.argv[1])] + "\n")
