"""Files that no node made: refused before anything of the machine is touched."""

import sqlite3
import tarfile
from pathlib import Path

import pytest

from faasd.base.errors import FaasdError, InvalidInput
from tests.unit.installer.backup.place import PASSPHRASE, Place, change_list, forge, unpack


def _refused(new: Place, file: Path, sentence: str, word: str = PASSPHRASE) -> None:
    before = new.snapshot()
    with pytest.raises(FaasdError, match=sentence) as refusal:
        new.restore(file, word=word)
    assert "\n" not in str(refusal.value)
    assert new.snapshot() == before
    assert new.programs.asked == []


def test_a_wrong_passphrase_is_called_so(new: Place, file: Path) -> None:
    _refused(new, file, "the passphrase is not that of", "another passphrase")


@pytest.mark.parametrize("part", [0.1, 0.999])
def test_a_file_that_was_cut_off_is_refused(new: Place, file: Path, part: float) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * part)])
    _refused(new, file, "was changed, or cut off")


@pytest.mark.parametrize("part", [0.01, 0.5])
def test_a_file_with_one_changed_bit_is_refused(new: Place, file: Path, part: float) -> None:
    content = bytearray(file.read_bytes())
    content[int(len(content) * part)] ^= 1
    file.write_bytes(content)
    _refused(new, file, "was changed, or cut off|cannot be restored")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x1f\x8b" * 100, b"plain text"])
def test_another_kind_of_file_is_refused(new: Place, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    _refused(new, file, "is no backup")


def test_a_backup_of_a_newer_version_is_refused(new: Place, file: Path) -> None:
    change_list(file, lambda found: found.update(version=2, by="9.1"))
    _refused(new, file, r"newer version of faasd \(9.1\): install that version")


def test_a_database_of_a_newer_version_is_refused(old: Place, tmp_path: Path) -> None:
    with sqlite3.connect(old.database) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(FaasdError, match="newer version"):
        old.back_up(tmp_path / "x")


def test_a_name_that_is_no_part_of_a_node_is_refused(new: Place, file: Path) -> None:
    entry = {"name": "etc/faasd/../passwd", "size": 1, "sha256": "0" * 64, "mode": 0o644}

    def add(found: dict[str, object]) -> None:
        files = found["files"]
        assert isinstance(files, list)
        files.append(entry)

    change_list(file, add)
    _refused(new, file, "cannot be restored")


def test_a_link_is_refused(new: Place, file: Path) -> None:
    entries = unpack(file)
    entries[1][0].type = tarfile.SYMTYPE
    entries[1][0].linkname = "/etc/passwd"
    forge(file, entries)
    _refused(new, file, "no plain file")


def test_a_file_that_is_more_than_the_list_says_is_refused(new: Place, file: Path) -> None:
    entries = unpack(file)
    extra = tarfile.TarInfo("etc/faasd/more")
    forge(file, [*entries, (extra, b"x")])
    _refused(new, file, "more than its list")


def test_a_wrong_checksum_is_refused(new: Place, file: Path) -> None:
    entries = unpack(file)
    name, content = entries[1][0], entries[1][1]
    entries[1] = (name, content[:-1] + bytes([content[-1] ^ 1]))
    forge(file, entries)
    _refused(new, file, f"checksum of {name.name} is wrong")


def test_sizes_that_no_disk_has_are_refused_before_they_are_read(new: Place, file: Path) -> None:
    def grow(found: dict[str, object]) -> None:
        files = found["files"]
        assert isinstance(files, list)
        names = [f"secrets/openfaas-fn/s{n}" for n in range(9_000)]
        size = 8 * 2**30 - 1
        files.extend({"name": n, "size": size, "sha256": "0" * 64, "mode": 0} for n in names)

    change_list(file, grow)
    _refused(new, file, "MiB are needed")


def test_a_function_without_its_secret_is_refused(new: Place, file: Path) -> None:
    entries = [one for one in unpack(file) if not one[0].name.startswith("secrets/")]
    forge(file, entries)

    def drop(found: dict[str, object]) -> None:
        files = found["files"]
        assert isinstance(files, list)
        found["files"] = [one for one in files if not one["name"].startswith("secrets/")]

    change_list(file, drop)
    _refused(new, file, "lacks secret key of function hello")


def test_a_database_with_triggers_is_refused(old: Place, new: Place, tmp_path: Path) -> None:
    with sqlite3.connect(old.database) as connection:
        connection.execute("CREATE TRIGGER t AFTER UPDATE ON generations BEGIN SELECT 1; END")
    connection.close()
    old.back_up(tmp_path / "x")
    with pytest.raises(InvalidInput, match="database in the backup is broken"):
        new.restore(tmp_path / "x")
