"""The tables of inputs and outputs in the READMEs of terraform/, made of the HCL itself.

`python -m tests.terraform.tables` writes them; a test compares.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import hcl2

from tests.terraform.place import TOP

ROOTS = ("aws", "digitalocean", "modules/digitalocean-node", "modules/node-config")
_BEGIN, _END = "<!-- tables: begin -->", "<!-- tables: end -->"
_OPTIONS = hcl2.SerializationOptions(strip_string_quotes=True, with_comments=False)
Block = Mapping[str, Any]


def readme(root: str) -> Path:
    return TOP / "terraform" / root / "README.md"


def with_tables(root: str) -> str:
    """Return the README of a root with its tables as they should be."""
    text = readme(root).read_text()
    before, _, rest = text.partition(_BEGIN)
    return f"{before}{_BEGIN}\n{render(root)}{_END}{rest.partition(_END)[2]}"


def render(root: str) -> str:
    """Return the tables."""
    inputs = [_input(name, one) for name, one in blocks(root, "variable")]
    outputs = [
        (f"`{name}`", _text(one["description"]), "yes" if one.get("sensitive") else "")
        for name, one in blocks(root, "output")
    ]
    return (
        "\n## Inputs\n\n"
        + _table(("name", "type", "default", "what"), sorted(inputs, key=_required_first))
        + "\n## Outputs\n\n"
        + _table(("name", "what", "sensitive"), outputs)
        + "\n"
    )


def blocks(root: str, kind: str) -> Sequence[tuple[str, Block]]:
    """Return the blocks of a kind with one label, by that label."""
    return [
        (name.strip('"'), cast("Block", body))
        for file in sorted((TOP / "terraform" / root).glob("*.tf"))
        for block in load(file).get(kind, [])
        for name, body in block.items()
        if not name.startswith("__")
    ]


def load(file: Path) -> Mapping[str, Any]:
    """Return a file of HCL as python-hcl2 reads it."""
    with file.open() as opened:
        return cast("Mapping[str, Any]", hcl2.load(opened, serialization_options=_OPTIONS))


def _input(name: str, one: Block) -> Sequence[str]:
    default = f"`{_value(one['default'])}`" if "default" in one else "required"
    return f"`{name}`", f"`{_bare(one['type'])}`", default, _text(one["description"])


def _required_first(row: Sequence[str]) -> tuple[bool, str]:
    return row[2] != "required", row[0]


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return '""' if text == "" else _bare(text)


def _bare(value: object) -> str:
    return re.sub(r"^\$\{(.*)\}$", r"\1", str(value))


def _text(value: object) -> str:
    return str(value).replace('\\"', '"').replace("|", "\\|")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    for each in ROOTS:
        readme(each).write_text(with_tables(each))
