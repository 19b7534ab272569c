"""Values for the compose file, and settings: what comes along, and what stays each machine's."""

from pathlib import Path

from faasd.installer.choices import Choices, write_choices
from faasd.installer.loopback import set_router_bind
from faasd.installer.paths import ENVIRONMENT_FILE, NODE_CONFIG
from tests.unit.installer.backup.place import Place


def test_values_for_the_compose_file_come_along_as_closed_as_they_were(
    old: Place, new: Place, tmp_path: Path
) -> None:
    values = old.at(ENVIRONMENT_FILE)
    values.write_text("TOKEN=a b\n")
    values.chmod(0o600)
    set_router_bind(old.machine, is_hidden=True)
    old.back_up(tmp_path / "x")
    assert b"TOKEN" not in (tmp_path / "x").read_bytes()
    new.restore(tmp_path / "x")
    come = new.at(ENVIRONMENT_FILE)
    assert (come.read_text(), come.stat().st_mode & 0o777) == ("TOKEN=a b\n", 0o600)


def test_where_the_router_listens_stays_the_new_machines_own(
    old: Place, new: Place, tmp_path: Path
) -> None:
    old.at(ENVIRONMENT_FILE).write_text("TOKEN=1\n")
    old.back_up(tmp_path / "x")
    set_router_bind(new.machine, is_hidden=True)
    own = new.at(ENVIRONMENT_FILE).read_text()
    new.restore(tmp_path / "x")
    assert new.at(ENVIRONMENT_FILE).read_text() == f"TOKEN=1\n{own}"


def test_settings_and_values_that_are_not_in_the_backup_stay_the_new_machines_own(
    old: Place, new: Place, tmp_path: Path
) -> None:
    set_router_bind(old.machine, is_hidden=True)
    old.back_up(tmp_path / "x")
    write_choices(new.machine, Choices(firewall="yes"))
    new.at(ENVIRONMENT_FILE).write_text("TOKEN=mine\n")
    before = new.at(NODE_CONFIG).read_text()
    new.restore(tmp_path / "x")
    assert new.at(ENVIRONMENT_FILE).read_text() == "TOKEN=mine\n"
    assert new.at(NODE_CONFIG).read_text() == before
