"""What docs/raspberry-pi.md tells to type and to write, and the picture of it."""

import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from pi.__main__ import _NEEDED, _parser
from pi.plan import HERE
from tests.images.pi_page import Step, edit, read_step, write_card
from tests.images.pi_recording import COLUMNS, Recording

KEY = "ssh-ed25519 AAAAexample me@here"


def test_the_page_installs_what_the_build_needs_and_gives_it_options_that_it_has() -> None:
    install, build = read_step(Step.BUILD).splitlines()

    # One is of Debian's priority "required", the other comes with python3-pip.
    everywhere = {"e2fsprogs", "ca-certificates"}
    assert set(_NEEDED.values()) - everywhere <= set(install.split())
    options = _parser().parse_args(build.partition("build.sh")[2].split())
    assert (options.arch, options.firmware) == ("arm64", True)


def test_a_person_who_follows_the_page_can_log_in() -> None:
    edited = edit((HERE / "seeds/user-data").read_text(), KEY)

    settings = yaml.safe_load(edited)
    assert settings["ssh_authorized_keys"] == [KEY]
    assert settings["hostname"] == "faasd"


@pytest.mark.parametrize("step", [Step.WRITE_BY_MAP, Step.WRITE_WHOLE])
def test_both_ways_write_the_card(step: Step, tmp_path: Path) -> None:
    content = b"".join(bytes([one]) * 4096 for one in range(64))
    image, bmap = tmp_path / "image", tmp_path / "x.bmap"
    image.write_bytes(content)
    subprocess.run(["bmaptool", "create", "-o", str(bmap), str(image)], check=True, timeout=20)
    with (tmp_path / "x.img.xz").open("wb") as packed:
        subprocess.run(["xz", "-c", str(image)], stdout=packed, check=True, timeout=20)
    card = tmp_path / "card"
    card.touch()

    said = write_card(step, tmp_path / "x.img.xz", card)

    assert card.read_bytes() == content
    assert said


def test_a_recording_has_all_that_was_typed_and_no_path_of_its_machine(tmp_path: Path) -> None:
    recording = Recording(hidden=(tmp_path,))
    recording.type("one <two>\n  three", f"gone\n0%\r50%\r100%\nwrote {tmp_path}/file & more", 2)
    recording.note("x" * (COLUMNS + 10))

    drawn = recording.draw()

    texts = [one.text or "" for one in ET.fromstring(drawn).iter() if one.text]
    said = [text for text in texts if text.strip()]
    assert said[:5] == ["$ one <two>", "    three", "…", "100%", "wrote file & more"]
    assert all(len(text) <= COLUMNS for text in said)
    assert re.search("x{12}$", said[-1]) is not None
    assert str(tmp_path) not in drawn
