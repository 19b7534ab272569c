"""Reads a backup: all of it is checked before anything of the machine is touched."""

from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import InvalidInput
from faasd.installer.backup.contents import Contents, decide_mode, parse_contents
from faasd.installer.backup.seal import check_kind, unsealing
from faasd.installer.backup.staging import check_room
from faasd.installer.backup.tape import read_end, read_file, read_list_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A backup that was read and found whole; its files are below `directory`, by their names."""

    contents: Contents
    directory: Path

    def has(self, name: str) -> bool:
        """Tell whether it holds a file."""
        return (self.directory / name).is_file()


def check_file(file: Path) -> None:
    """Check what can be, before a passphrase is asked for.

    Raises:
        InvalidInput: there is no such file, or it is no backup.
    """
    if not file.is_file():
        raise InvalidInput(f"there is no file {file}")
    with file.open("rb") as opened:
        check_kind(file, opened)


def open_backup(file: Path, passphrase: str, directory: Path) -> Opened:
    """Decrypt a backup into a directory that is nobody else's.

    Raises:
        InvalidInput: the passphrase is wrong; or the file was cut off or changed, is of a newer
            version, or holds what no backup may.
        NoRoom: it does not fit on the disk.
    """
    check_file(file)
    with unsealing(file, passphrase) as tape:
        contents = parse_contents(read_list_file(tape))
        check_room(directory, contents.size)
        for entry in contents.files:
            target = directory / entry.name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            read_file(tape, entry, target)
            target.chmod(decide_mode(entry))
        read_end(tape)
    return Opened(contents=contents, directory=directory)
