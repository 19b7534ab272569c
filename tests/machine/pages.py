"""Pages of docs, followed word by word."""

import re
from collections.abc import Sequence
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read_commands(page: str) -> Sequence[str]:
    """Return what a page tells to type, one text for each of its blocks, in order."""
    return [block.strip() for block in _BLOCK.findall((DOCS / page).read_text())]
