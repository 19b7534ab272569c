import os
from pathlib import Path

import pytest

from faasd.base.errors import InvalidInput
from faasd.cli.passphrase import LEAST, check_passphrase, get_passphrase

GOOD = "twelve or more"


@pytest.mark.parametrize("line", [GOOD, f"{GOOD}\n", f"{GOOD}\r\n", f"{GOOD}\nsecond line\n"])
def test_the_first_line_of_a_file_is_the_passphrase(tmp_path: Path, line: str) -> None:
    (tmp_path / "file").write_text(line)
    assert get_passphrase(tmp_path / "file", None, is_new=True) == GOOD


def test_a_descriptor_that_is_open_is_read() -> None:
    read, write = os.pipe()
    os.write(write, f"{GOOD}\n".encode())
    os.close(write)
    assert get_passphrase(None, read, is_new=True) == GOOD


def test_both_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="not both"):
        get_passphrase(tmp_path, 0, is_new=True)


@pytest.mark.parametrize("text", ["", "x" * 1025, "with\ttab and more", "with\0nul and more"])
def test_what_no_program_takes_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        check_passphrase(text, is_new=False)


def test_a_new_one_may_not_be_short_an_old_one_may() -> None:
    short = "x" * (LEAST - 1)
    with pytest.raises(InvalidInput, match=f"{LEAST} characters"):
        check_passphrase(short, is_new=True)
    assert check_passphrase(short, is_new=False) == short


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\xff\xfe\n")
    with pytest.raises(InvalidInput, match="UTF-8"):
        get_passphrase(tmp_path / "file", None, is_new=False)
