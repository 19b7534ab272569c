"""The table of variables in docs/images.md, made of packer/variables.pkr.hcl itself.

`python -m tests.images.table` writes it; a test compares.
"""

from collections.abc import Mapping
from typing import Any, cast

import hcl2

from tests.images.packer import TOP

PAGE = TOP / "docs/images.md"
_BEGIN, _END = "<!-- variables: begin -->", "<!-- variables: end -->"
_OPTIONS = hcl2.SerializationOptions(strip_string_quotes=True, with_comments=False)
_GIVEN = ("version", "qemu_seed")
"""What packer/build.sh finds out itself."""


def read_variables() -> Mapping[str, Mapping[str, Any]]:
    """Return each variable's block."""
    with (TOP / "packer/variables.pkr.hcl").open() as file:
        found = hcl2.load(file, serialization_options=_OPTIONS)["variable"]
    return {name: cast("Mapping[str, Any]", body) for one in found for name, body in one.items()}


def with_table(text: str) -> str:
    """Return the page with its table as it should be."""
    before, _, rest = text.partition(_BEGIN)
    return f"{before}{_BEGIN}\n{render()}{_END}{rest.partition(_END)[2]}"


def render() -> str:
    """Return the table."""
    rows = [
        f"| `{name}` | {_default(body)} | {body['description']} |\n"
        for name, body in read_variables().items()
        if name not in _GIVEN
    ]
    return "".join(("| name | default | what |\n", "| --- | --- | --- |\n", *rows))


def _default(body: Mapping[str, Any]) -> str:
    if "default" not in body:
        return "required"
    text = str(body["default"])
    if text.startswith("${"):
        return "of the environment"
    return f"`{text.lower() if isinstance(body['default'], bool) else text}`" if text else "empty"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
