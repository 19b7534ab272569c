"""The commands of docs/vps.md, taken from the page. `python3 -m tests.vm.page N` prints a block."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/vps.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read_blocks() -> Sequence[str]:
    """Return the page's blocks of commands: build, render, log in, deploy."""
    blocks = _BLOCK.findall(PAGE.read_text())
    assert len(blocks) == 4, f"{PAGE} has {len(blocks)} blocks of commands"
    return blocks


if __name__ == "__main__":
    sys.stdout.write(read_blocks()[int(sys.argv[1])])
