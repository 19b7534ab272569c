import sqlite3
import threading
from pathlib import Path

import pytest

from faasd.base.errors import AlreadyExists, InUse, InvalidInput, NotFound, Unavailable
from faasd.installer.backup.make import check_target, written_whole
from faasd.installer.backup.staging import staging_directory
from faasd.installer.backup.swap import JOURNAL
from tests.unit.installer.backup.place import Place, unpack

SECRETS = "/var/lib/faasd-provider/secrets/openfaas-fn"


def test_a_backup_is_for_root_alone_and_shows_nothing_of_what_it_holds(
    old: Place, file: Path
) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    content = file.read_bytes()
    for text in (b"hello", b"secret", old.login().encode(), b"manifest"):
        assert text not in content


def test_nothing_is_left_beside_a_backup(old: Place, file: Path) -> None:
    assert list(file.parent.glob(".*")) == []
    assert list(old.at("/var/lib/faasd").glob(".backup-*")) == []


def test_a_file_that_is_there_is_replaced_only_by_force(file: Path) -> None:
    with pytest.raises(AlreadyExists, match="--force"):
        check_target(file, force=False)
    check_target(file, force=True)


def test_a_node_that_is_half_restored_is_not_backed_up(old: Place, tmp_path: Path) -> None:
    old.at(JOURNAL).write_text('{"paths": [], "is_done": false}')
    with pytest.raises(Unavailable, match="cut off"):
        old.back_up(tmp_path / "x")
    old.at(JOURNAL).write_text('{"paths": [], "is_done": true}')
    old.back_up(tmp_path / "x")


@pytest.mark.parametrize(
    "path",
    ["/etc/faasd/node.conf~", "/etc/faasd/.node.conf.swp", f"{SECRETS}/key~", f"{SECRETS}/my key"],
)
def test_what_no_restore_would_take_is_refused_when_it_is_backed_up(
    old: Place, tmp_path: Path, path: str
) -> None:
    old.at(path).parent.mkdir(parents=True, exist_ok=True)
    old.at(path).write_text("left by an editor")
    with pytest.raises(InvalidInput, match=f"no restore would take this node: .*{Path(path).name}"):
        old.back_up(tmp_path / "x")
    assert list(tmp_path.glob("*x*")) == []


def test_a_namespace_that_no_restore_would_take_is_refused(old: Place, tmp_path: Path) -> None:
    old.node.namespaces.create("my.team", {"openfaas": "true"})
    with pytest.raises(InvalidInput, match=r"no restore would take this node: .*my\.team"):
        old.back_up(tmp_path / "x")


def test_a_link_is_never_written_through(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    with pytest.raises(InvalidInput, match="no plain file"):
        check_target(link, force=True)


def test_what_cannot_be_written_to_its_end_leaves_the_file_of_before(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("before")
    with pytest.raises(OSError, match="full"):
        _write_half(target)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
    assert target.read_text() == "before"


def _write_half(target: Path) -> None:
    with written_whole(target) as file:
        file.write(b"half")
        raise OSError("full")


def test_a_function_whose_secret_is_missing_is_named(old: Place, tmp_path: Path) -> None:
    old.function("broken", ["lost"])
    with pytest.raises(InvalidInput, match=r"lost of function broken .* set it again"):
        old.back_up(tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_node_whose_provider_never_ran_has_nothing_to_back_up(new: Place, tmp_path: Path) -> None:
    new.database.unlink()
    with pytest.raises(NotFound, match="no provider has run"):
        new.back_up(tmp_path / "x")


def test_state_in_other_places_is_not_passed_over(old: Place, tmp_path: Path) -> None:
    settings = old.at("/etc/default/faasd-provider")
    settings.parent.mkdir(parents=True)
    settings.write_text("# mine\nfaasd_database=/srv/functions.db\n")
    with pytest.raises(Unavailable, match="faasd_database"):
        old.back_up(tmp_path / "x")


def test_two_backups_at_once_are_refused(old: Place, tmp_path: Path) -> None:
    with staging_directory(old.machine), pytest.raises(InUse, match="another backup"):
        old.back_up(tmp_path / "x")


def test_what_a_killed_backup_left_is_removed(old: Place, tmp_path: Path) -> None:
    left = old.at("/var/lib/faasd/.backup-killed")
    left.mkdir()
    (left / "secret").write_text("x")
    old.back_up(tmp_path / "x")
    assert not left.exists()


def test_a_backup_during_deploys_has_the_secrets_of_all_its_functions(
    old: Place, tmp_path: Path
) -> None:
    stop = threading.Event()

    def deploy() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            path = old.secret(f"s{number}")
            old.function("changing", [path.name])
            _remove_unused(old, f"s{number - 1}")

    deployer = threading.Thread(target=deploy)
    deployer.start()
    try:
        for number in range(5):
            old.back_up(tmp_path / f"{number}")  # It checks this, and fails otherwise.
    finally:
        stop.set()
        deployer.join()
    names = {entry.name for entry, _ in unpack(tmp_path / "4")}
    assert any(name.startswith("secrets/openfaas-fn/s") for name in names)


def _remove_unused(place: Place, name: str) -> None:
    """Remove a secret as the provider does: what the last version of a function used."""
    path = place.at(f"/var/lib/faasd-provider/secrets/openfaas-fn/{name}")
    if path.exists() and "changing" in place.functions():
        path.unlink()


def test_deploys_go_on_after_a_backup(old: Place, file: Path) -> None:
    assert file.is_file()
    with sqlite3.connect(old.database, timeout=0) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    connection.close()
