"""Pages of docs, followed word by word."""

import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

TREE = Path(__file__).parents[2]
DOCS = TREE / "docs"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read_commands(page: str) -> Sequence[str]:
    """Return what a page tells to type, one text for each of its blocks, in order."""
    return [block.strip() for _, block in read_blocks(page)]


def read_blocks(page: str) -> Sequence[tuple[str, str]]:
    """Return each `sh` block of a page, and the paragraph before it."""
    text = (DOCS / page).read_text()
    return [
        (text[: found.start()].rstrip().rpartition("\n\n")[2], found[1])
        for found in _BLOCK.finditer(text)
    ]


def follow(
    commands: str, ours: Mapping[str, str], *, seconds: float, complain: Callable[[], str] = str
) -> str:
    """Run a page's commands in the tree, as a person does; return what they print.

    Args:
        commands: a block of the page.
        ours: what this machine has for words of the page, in this order.
        seconds: the longest that it may take.
        complain: what else to say of a failure.
    """
    for theirs, own in ours.items():
        commands = commands.replace(theirs, own)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=TREE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, f"{commands}\n{done.stdout}\n{complain()}"
    return done.stdout
