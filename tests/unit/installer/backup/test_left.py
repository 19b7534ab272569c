import json
import shutil
from pathlib import Path

import pytest

from faasd.base.errors import InUse, Unavailable
from faasd.installer.assets import read_asset
from faasd.installer.backup.database import no_provider
from faasd.installer.backup.left import settle_left
from faasd.installer.backup.staging import alone
from faasd.installer.backup.swap import JOURNAL, check_whole
from tests.unit.installer.backup.place import Place


@pytest.fixture
def half(new: Place) -> Place:
    """A machine whose power was cut when the database of before was away, and none had come."""
    new.function("mine")
    new.at(JOURNAL).write_text(json.dumps({"paths": [str(new.database)], "is_done": False}))
    new.database.rename(new.database.with_name(".functions.db.before-restore"))
    return new


def test_a_program_does_not_start_on_half_a_restore_but_does_once_it_is_settled(
    half: Place,
) -> None:
    with pytest.raises(Unavailable, match="faasd start"):
        check_whole(half.machine)
    assert "cut off" in settle_left(half.machine)
    check_whole(half.machine)
    assert set(half.functions()) == {"mine"}
    assert not half.at(JOURNAL).exists()


def test_nothing_is_put_back_under_a_provider_that_runs(half: Place) -> None:
    before = sorted(half.machine.root.rglob("*"))
    with no_provider(half.database), pytest.raises(InUse, match="provider"):
        settle_left(half.machine)
    assert half.database.with_name(".functions.db.before-restore").is_file()
    assert half.at(JOURNAL).is_file()
    assert set(before) <= set(half.machine.root.rglob("*"))


def test_a_restore_that_has_changed_a_part_is_not_disturbed(half: Place) -> None:
    with alone(half.machine), pytest.raises(InUse, match="restore is at work"):
        settle_left(half.machine)
    assert half.at(JOURNAL).is_file()


def test_a_restore_that_starts_its_programs_keeps_what_it_may_have_to_put_back(
    new: Place, file: Path
) -> None:
    said: list[str] = []
    new.programs.before_up = lambda: said.append(settle_left(new.machine))
    login = new.login()
    new.programs.comes_up = False
    with pytest.raises(Exception, match="waited"):
        new.restore(file)
    assert said == ["a restore is at work, and has changed all it will"]
    assert new.login() == login


def test_what_was_before_a_restore_that_had_changed_all_is_removed(
    new: Place, file: Path, tmp_path: Path
) -> None:
    root, disk = new.machine.root, tmp_path / "disk"
    new.programs.before_up = lambda: shutil.copytree(root, disk)
    new.restore(file)
    shutil.rmtree(root)
    disk.rename(root)
    assert list(root.rglob("*.before-restore"))
    check_whole(new.machine)
    assert "removed" in settle_left(new.machine)
    assert not list(root.rglob("*.before-restore"))
    assert set(new.functions()) == {"hello"}
    assert settle_left(new.machine) == "no restore left anything"


@pytest.mark.parametrize("name", ["faasd", "faasd-provider"])
def test_both_programs_come_after_it_under_systemd_and_under_runit(name: str) -> None:
    unit = read_asset(f"units/{name}.service").splitlines()
    for option in ("Wants=", "After="):
        assert any(line.startswith(option) and "faasd-settle.service" in line for line in unit)
    assert f"ConditionPathExists={JOURNAL}" in read_asset("units/faasd-settle.service")
    script = read_asset(f"sv/{name}/run")
    assert f"[ ! -e {JOURNAL} ] || /usr/bin/faasd settle\n" in script
    ends = [script.find(word) for word in ("faasd settle", "/etc/default", "exec /usr/bin/faasd")]
    assert ends == sorted(ends) or ends[1] == -1
