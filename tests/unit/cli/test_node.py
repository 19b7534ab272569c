"""What the programs of a node take from the choices of its people."""

from pathlib import Path

import pytest

from faasd.cli.node import opens_metadata
from faasd.installer.paths import NODE_CONFIG, Machine


@pytest.mark.parametrize(
    ("text", "is_open"),
    [("", False), ("metadata=yes\n", True), ("metadata=no\n", False), ("metadata=yes\nx\n", False)],
)
def test_a_broken_file_of_choices_stops_no_program_and_opens_nothing(
    tmp_path: Path, text: str, *, is_open: bool
) -> None:
    machine = Machine(root=tmp_path)
    assert not opens_metadata(machine)
    machine.at(NODE_CONFIG).parent.mkdir(parents=True)
    machine.at(NODE_CONFIG).write_text(text)
    assert opens_metadata(machine) is is_open
