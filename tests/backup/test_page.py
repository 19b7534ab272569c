"""docs/backup.md, followed word by word."""

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.backup.place import PASSPHRASE, Node
from tests.backup.terminal import answer_at_terminal
from tests.machine.pages import read_commands

PLACE = "/root/passphrase"


@pytest.mark.timeout(300)
def test_the_page_moves_a_node_to_another_machine(node: Node, tmp_path: Path) -> None:
    by_hand, by_timer, restore, replace, without_us = read_commands("backup.md")
    node.run("faasd", "image", "load", str(node.archives["echo"]))
    assert node.front().deploy("hello", "localhost/echo:latest").status == 202
    node.front().wait_answers("hello", 30)
    (tmp_path / "passphrase").write_text(f"{PASSPHRASE}\n")

    status, screen = answer_at_terminal(shlex.split(by_hand), tmp_path, [PASSPHRASE, PASSPHRASE])
    assert (status, "localhost/echo:latest" in screen) == (0, True), screen
    assert PASSPHRASE not in screen
    assert "1 functions, 0 secrets, 1 images" in _type(by_timer, tmp_path)

    node.wipe()
    node.set_up()
    assert "1 functions restored" in _type(restore, tmp_path)
    node.front().wait_answers("hello", 30)
    assert node.front().deploy("mine", "localhost/echo:latest").status == 202
    node.front().wait_answers("mine", 30)
    assert "1 functions restored" in _type(replace, tmp_path)
    assert node.front().names() == {"hello"}
    node.front().wait_answers("hello", 30)
    assert "functions.db" in _type(without_us, tmp_path)


def _type(commands: str, directory: Path) -> str:
    """Type a block of the page, with the passphrase where this machine lets it be written."""
    text = commands.replace(PLACE, str(directory / "passphrase"))
    ended = subprocess.run(
        ["bash", "-ec", text],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        cwd=directory,
    )
    assert ended.returncode == 0, f"{text}: {ended.stdout}{ended.stderr}"
    return ended.stdout
