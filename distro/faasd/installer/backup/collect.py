"""Collects what a backup holds, into a directory of its own, all as of one moment."""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import FaasdError, Unavailable
from faasd.installer.backup.contents import (
    CONFIGS,
    DATABASE,
    DATABASE_FILE,
    ENVIRONMENT,
    FUNCTION_SECRETS,
    NEEDED,
    PLACES,
    PROVIDER_SETTINGS,
    SETTINGS_DIR,
    Entry,
    find_place,
)
from faasd.installer.backup.database import copy_database, held_still
from faasd.installer.files import is_edited
from faasd.installer.loopback import (
    decide_environment,
    own_line,
    read_environment,
    write_environment,
)
from faasd.installer.paths import Machine
from faasd.node.open import Node

MANAGED = "openfaas"
"""The label of containerd's namespaces that are for functions."""

_OF_ONE_MACHINE = ("first-boot.conf",)
"""Tells how this machine was made, not what it is."""

_CHUNK = 2**20
_MOVED = re.compile(
    r"^\s*(?:export\s+)?(faasd_database|faasd_secrets_dir|secret_mount_path)=", re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFunction:
    """A function of a database, as far as a backup must know it.

    Attributes:
        image: its full reference.
        is_sample: whether it is the one that install.sh deploys.
    """

    namespace: str
    name: str
    image: str
    secrets: Sequence[str]
    is_sample: bool = False


ReadFunctions = Callable[[Path], Sequence[SavedFunction]]
"""Reads the functions of a copy of the provider's database, and checks that it can be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What was collected: files by their names in the backup, and namespaces with their labels."""

    files: Mapping[str, Path]
    namespaces: Mapping[str, Mapping[str, str]]
    edited: Sequence[str]


def collect(machine: Machine, node: Node, staging: Path) -> Collected:
    """Copy the node's state to `staging`.

    Raises:
        FaasdError: something that belongs to it is missing, or kept where we do not look.
    """
    check_places(machine)
    with held_still(machine.at(DATABASE_FILE)):
        copy_database(machine.at(DATABASE_FILE), staging / DATABASE)
        files = {DATABASE: staging / DATABASE}
        for name, path in _list_files(machine):
            target = staging / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # A secret that nobody uses may go meanwhile.
                shutil.copy2(path, target)
                files[name] = target
        namespaces = list_namespaces(node)
    _leave_own_line(machine, files)
    if missing := [name for name in NEEDED if name not in files]:
        raise FaasdError(f"{find_place(missing[0])} is missing: run `faasd install` first")
    edited = [name for name in CONFIGS if name in files and is_edited(machine, PLACES[name])]
    return Collected(files=files, namespaces=namespaces, edited=edited)


def check_places(machine: Machine) -> None:
    """Check that the provider keeps its state where a backup looks for it.

    Raises:
        Unavailable: its settings say another place.
    """
    path = machine.at(PROVIDER_SETTINGS)
    moved = _MOVED.search(path.read_text()) if path.is_file() else None
    if moved:
        raise Unavailable(
            f"{PROVIDER_SETTINGS} sets {moved[1]}: backup and restore know the places of "
            "docs/settings.md's defaults only"
        )


def list_namespaces(node: Node) -> Mapping[str, Mapping[str, str]]:
    """Return the labels of the namespaces that are for functions."""
    found = node.namespaces.list()
    return {name: dict(labels) for name, labels in found.items() if MANAGED in labels}


def describe_file(name: str, path: Path) -> Entry:
    """Return the entry of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    status = path.stat()
    return Entry(
        name=name, size=status.st_size, sha256=digest.hexdigest(), mode=status.st_mode & 0o777
    )


def _list_files(machine: Machine) -> Iterator[tuple[str, Path]]:
    for name, place in PLACES.items():
        if machine.at(place).is_file():
            yield name, machine.at(place)
    for path in sorted(machine.at(FUNCTION_SECRETS).glob("*/*")):
        if not path.name.startswith("."):  # One that is being written.
            yield f"secrets/{path.parent.name}/{path.name}", path
    yield from _list_settings(machine)


def _leave_own_line(machine: Machine, files: dict[str, Path]) -> None:
    """Leave out where this machine's router listens; where nothing else is said, all of it."""
    staged = files.get(ENVIRONMENT)
    if staged is None:
        return
    kept = decide_environment(read_environment(staged), own_line(machine), is_hidden=False)
    if kept.strip():
        write_environment(staged, kept)
    else:
        del files[ENVIRONMENT]


def _list_settings(machine: Machine) -> Iterator[tuple[str, Path]]:
    """List what people wrote or chose; what `faasd install` makes of it is made again there."""
    directory = machine.at(SETTINGS_DIR)
    for path in sorted(directory.rglob("*")):
        place = f"{SETTINGS_DIR}/{path.relative_to(directory)}"
        is_own = path.is_file() and not path.is_symlink() and is_edited(machine, place)
        if is_own and path.name not in _OF_ONE_MACHINE:
            yield place[1:], path
