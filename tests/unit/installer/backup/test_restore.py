import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from faasd.base.errors import AlreadyExists, InUse, InvalidInput, TimedOut, Unavailable
from faasd.installer.backup.database import no_provider
from faasd.installer.backup.swap import JOURNAL, Swap, settle
from tests.unit.installer.backup.place import Place

CUT_OFF = """
import os, sys
from pathlib import Path
from faasd.installer.backup.swap import put_back
left = int(sys.argv[2])
def see(event, _):
    global left
    left -= event in ("os.rename", "os.remove")
    if left < 0:
        os._exit(9)
journal = Path(sys.argv[1])
sys.addaudithook(see)
put_back(journal)
"""
"""Ends itself without a word when it is about to change one name more than it may."""


def break_header(database: Path) -> None:
    database.write_bytes(b"no database" + database.read_bytes()[11:])


def break_pages(database: Path) -> None:
    content = database.read_bytes()
    database.write_bytes(content[:4096] + bytes(len(content) - 4096))


def break_function(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE functions SET deployment = 'no JSON'")


def test_functions_secrets_and_login_are_those_of_the_backup(
    old: Place, new: Place, file: Path
) -> None:
    new.restore(file)
    assert set(new.functions()) == {"hello"}
    secret = new.at("/var/lib/faasd-provider/secrets/openfaas-fn/key")
    assert secret.read_bytes() == b"\x00secret"
    assert (secret.stat().st_mode & 0o777, secret.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert new.login() == old.login()
    assert new.programs.asked == ["stop", "start"]


def test_a_file_of_core_services_that_was_not_edited_stays_the_new_machines_own(
    old: Place, new: Place, tmp_path: Path
) -> None:
    compose, prometheus = "/var/lib/faasd/docker-compose.yaml", "/var/lib/faasd/prometheus.yml"
    old.at(prometheus).write_text("edited")
    new.at(compose).write_text("newer version")
    old.back_up(tmp_path / "x")
    new.restore(tmp_path / "x")
    assert new.at(prometheus).read_text() == "edited"
    assert new.at(compose).read_text() == "newer version"


def test_registry_logins_that_are_not_in_the_backup_go(new: Place, file: Path) -> None:
    logins = new.at("/var/lib/faasd/.docker/config.json")
    logins.write_text("{}")
    new.restore(file)
    assert not logins.exists()


def test_settings_come_with_their_permissions(old: Place, new: Place, tmp_path: Path) -> None:
    setting = old.at("/etc/faasd/tls/domain.conf")
    setting.parent.mkdir(parents=True)
    setting.write_text("example.org")
    setting.chmod(0o640)
    old.back_up(tmp_path / "x")
    new.restore(tmp_path / "x")
    found = new.at("/etc/faasd/tls/domain.conf")
    assert (found.read_text(), found.stat().st_mode & 0o777) == ("example.org", 0o640)


def test_what_was_made_for_the_old_machine_does_not_come_along(
    old: Place, new: Place, tmp_path: Path
) -> None:
    directory, pristine = old.at("/etc/faasd"), old.at("/var/lib/faasd/pristine")
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("firewall.nft", "node.conf", "first-boot.conf"):
        (directory / name).write_text(name)
    (pristine / "firewall.nft").write_text("firewall.nft")
    old.back_up(tmp_path / "x")
    new.restore(tmp_path / "x")
    assert [one.name for one in new.at("/etc/faasd").iterdir()] == ["node.conf"]


def test_a_node_with_functions_or_secrets_is_left_alone(new: Place, file: Path) -> None:
    new.secret("own")
    new.function("mine")
    before = new.snapshot()
    with pytest.raises(AlreadyExists, match=r"mine.openfaas-fn and the secrets own.*--replace"):
        new.restore(file)
    assert new.snapshot() == before
    assert new.programs.asked == []


def test_the_sample_of_the_installer_counts_as_nobodys(new: Place, file: Path) -> None:
    new.function("echo", image="localhost/echo:latest")
    new.restore(file)
    assert set(new.functions()) == {"hello"}


def test_generations_go_on_where_the_machines_own_ended(new: Place, file: Path) -> None:
    for _ in range(5):
        new.function("hello")
    new.restore(file, replace=True)
    assert new.functions() == {"hello": 6}
    new.function("next")
    assert new.functions()["next"] == 7


def test_the_generation_before_an_update_under_way_moves_on_as_well(
    old: Place, new: Place, tmp_path: Path
) -> None:
    old.function("hello", ["key"], keep_previous=True)
    old.back_up(tmp_path / "x")
    for _ in range(5):
        new.function("hello")
    new.restore(tmp_path / "x", replace=True)
    assert (new.functions(), new.generations_before()) == ({"hello": 7}, {"hello": 6})


@pytest.mark.parametrize("damage", [break_header, break_pages, break_function])
def test_a_node_whose_database_is_broken_is_restored_where_its_functions_may_go(
    new: Place, file: Path, damage: Callable[[Path], object]
) -> None:
    for _ in range(8):
        new.function("mine")
    new.container("mine", 8)
    damage(new.database)
    before = new.database.read_bytes()
    with pytest.raises(Unavailable, match="--replace"):
        new.restore(file)
    assert new.database.read_bytes() == before
    new.restore(file, replace=True)
    assert new.functions() == {"hello": 9}
    assert any("given up" in line for line in new.said)


def test_generations_go_on_beyond_containers_where_the_database_is_empty(
    new: Place, file: Path
) -> None:
    new.container("mine", 8)
    new.database.write_bytes(b"")
    new.restore(file)
    assert new.functions() == {"hello": 9}


def test_namespaces_that_are_not_in_the_backup_shall_go(new: Place, file: Path) -> None:
    new.node.namespaces.create("other", {"openfaas": "true"})
    new.restore(file, replace=True)
    assert new.leaving() == ["other"]


def test_namespaces_come_with_their_labels(old: Place, new: Place, tmp_path: Path) -> None:
    old.node.namespaces.create("shop", {"openfaas": "true", "team": "blue"})
    old.back_up(tmp_path / "x")
    new.restore(tmp_path / "x")
    assert new.node.namespaces.list()["shop"] == {"openfaas": "true", "team": "blue"}


def test_programs_that_do_not_come_up_put_everything_back(
    old: Place, new: Place, tmp_path: Path
) -> None:
    old.node.namespaces.create("shop", {"openfaas": "true"})
    old.back_up(tmp_path / "x")
    new.function("mine")
    before = new.snapshot()
    new.programs.comes_up = False
    with pytest.raises(TimedOut):
        new.restore(tmp_path / "x", replace=True)
    assert new.snapshot() == before
    assert "shop" not in new.node.namespaces.list()
    assert new.programs.asked == ["stop", "start", "stop", "start"]


def test_a_file_that_cannot_be_put_in_place_puts_everything_back(new: Place, file: Path) -> None:
    logins = new.at("/var/lib/faasd/.docker")
    logins.rmdir()
    logins.write_text("in the way")
    before = new.snapshot()
    with pytest.raises(OSError, match=r"\.docker"):
        new.restore(file)
    assert new.snapshot() == before
    assert new.programs.asked == ["stop", "start"]


def test_a_provider_that_nobody_stops_is_not_written_under(new: Place, file: Path) -> None:
    before = new.snapshot()
    with no_provider(new.database), pytest.raises(InUse, match="end it first"):
        new.restore(file)
    assert new.snapshot() == before


def test_a_restore_that_was_cut_off_is_undone_by_the_next(
    old: Place, new: Place, file: Path
) -> None:
    login = new.login()
    password = new.at("/var/lib/faasd/secrets/basic-auth-password")
    new.at(JOURNAL).write_text(json.dumps({"paths": [str(password)], "is_done": False}))
    password.rename(password.with_name(f".{password.name}.before-restore"))
    password.write_text("half")
    with pytest.raises(Exception, match="passphrase"):
        new.restore(file, word="not this one")
    assert new.login() == login != old.login()
    assert not new.at(JOURNAL).exists()


def test_what_was_deployed_after_a_power_cut_at_the_end_of_a_restore_outlives_the_next(
    new: Place, file: Path, tmp_path: Path
) -> None:
    root, disk = new.machine.root, tmp_path / "disk"
    new.programs.before_up = lambda: shutil.copytree(root, disk)
    new.restore(file)
    shutil.rmtree(root)
    disk.rename(root)
    assert new.at(JOURNAL).exists()
    new.function("later")
    with pytest.raises(InvalidInput, match="passphrase"):
        new.restore(file, word="not this one")
    assert set(new.functions()) == {"hello", "later"}
    assert [one for one in new.snapshot() if "before-restore" in one or one.endswith(JOURNAL)] == []


@pytest.mark.parametrize("renamed", range(1, 8))
def test_a_restore_that_is_cut_off_while_it_is_put_back_is_put_back_wholly_or_not_at_all(
    tmp_path: Path, renamed: int
) -> None:
    paths = [tmp_path / name for name in ("a", "b", "c")]
    for path in paths[:2]:
        path.write_text("before")
    (tmp_path / "new").write_text("after")
    journal = tmp_path / "journal"
    swap = Swap(journal=journal, moves=dict.fromkeys(paths, tmp_path / "new"))
    swap.prepare()
    swap.commit()
    assert [path.read_text() for path in paths] == ["after"] * 3
    ended = subprocess.run(
        [sys.executable, "-P", "-c", CUT_OFF, str(journal), str(renamed)],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode in (0, 9), ended.stderr
    settle(journal)
    found = {one.name: one.read_text() for one in tmp_path.iterdir() if one.name[0] != "."}
    before = {"a": "before", "b": "before"}
    assert found in ({**before, "new": "after"}, dict.fromkeys(("a", "b", "c", "new"), "after"))
    assert not list(tmp_path.glob(".[abc].*"))
