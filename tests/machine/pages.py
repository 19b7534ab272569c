"""Pages of docs, followed word by word."""

import re
from collections.abc import Sequence
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
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
