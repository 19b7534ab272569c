import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.installer.files import (
    Change,
    decide_change,
    is_edited,
    make_directory,
    put_back_on_failure,
    remove_tree,
    write_config,
    write_file,
)
from faasd.installer.paths import Machine

TEXTS = st.sampled_from([None, "one", "two", "three"])
PATH = "/etc/thing.conf"


@given(found=TEXTS, shipped=st.sampled_from(["one", "two"]), pristine=TEXTS)
def test_only_what_nobody_edited_is_overwritten(
    found: str | None, shipped: str, pristine: str | None
) -> None:
    change = decide_change(found, shipped, pristine)
    if change is Change.WRITE:
        assert found is None or found == pristine
    if change is Change.LEAVE:
        assert found == shipped


def test_a_new_version_replaces_a_file_that_was_not_edited(tmp_path: Path) -> None:
    machine = Machine(root=tmp_path)
    write_config(machine, PATH, "old")
    assert write_config(machine, PATH, "new") == f"{PATH} written"
    assert machine.at(PATH).read_text() == "new"


def test_a_file_edited_before_an_upgrade_stays_edited_after_two(tmp_path: Path) -> None:
    machine = Machine(root=tmp_path)
    write_config(machine, PATH, "old")
    machine.at(PATH).write_text("mine")
    write_config(machine, PATH, "new")
    write_config(machine, PATH, "newer")
    assert machine.at(PATH).read_text() == "mine"
    assert is_edited(machine, PATH)


def test_a_file_as_we_wrote_it_is_not_edited(tmp_path: Path) -> None:
    machine = Machine(root=tmp_path)
    write_config(machine, PATH, "old")
    assert not is_edited(machine, PATH)
    machine.at(PATH).unlink()
    assert not is_edited(machine, PATH)


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_a_file_has_its_permissions_whatever_the_umask_and_what_was_there(
    tmp_path: Path, mode: int
) -> None:
    path = tmp_path / "sub" / "file"
    path.parent.mkdir()
    path.with_name(".file.new").write_text("left by a crash")
    path.write_text("before")
    write_file(path, "after", mode)
    assert path.read_text() == "after"
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_making_a_directory_again_changes_nothing(tmp_path: Path) -> None:
    assert make_directory(tmp_path / "a/b", 0o700)
    assert not make_directory(tmp_path / "a/b", 0o700)


def test_removing_a_link_leaves_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to("data")
    assert remove_tree(tmp_path / "link")
    assert (tmp_path / "data").is_dir()
    assert not remove_tree(tmp_path / "link")


def test_a_file_that_is_no_text_counts_as_edited(tmp_path: Path) -> None:
    machine = Machine(root=tmp_path)
    write_config(machine, PATH, "old")
    machine.at(PATH).write_bytes(b"\xff\x00")
    assert is_edited(machine, PATH)


def test_files_are_put_back_with_their_permissions_where_a_block_fails(tmp_path: Path) -> None:
    kept, new, gone = (tmp_path / name for name in ("kept", "new", "gone"))
    kept.write_text("before")
    kept.chmod(0o600)
    gone.write_text("was here")

    def change() -> None:
        kept.write_text("after")
        kept.chmod(0o644)
        new.write_text("new")
        gone.unlink()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), put_back_on_failure([kept, new, gone]):
        change()
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == ("before", 0o600)
    assert (new.exists(), gone.read_text()) == (False, "was here")


def test_files_stay_as_a_block_that_succeeds_leaves_them(tmp_path: Path) -> None:
    with put_back_on_failure([tmp_path / "new"]):
        (tmp_path / "new").write_text("new")
    assert (tmp_path / "new").read_text() == "new"
