"""Makes a backup."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import IO

from faasd.base.errors import AlreadyExists, InvalidInput
from faasd.base.version import VERSION
from faasd.installer.backup.collect import (
    Collected,
    ReadFunctions,
    SavedFunction,
    collect,
    describe_file,
)
from faasd.installer.backup.contents import (
    DATABASE,
    LIST,
    Contents,
    SavedImage,
    parse_contents,
    render_contents,
)
from faasd.installer.backup.images import export_images, find_images, list_blobs
from faasd.installer.backup.seal import sealing
from faasd.installer.backup.staging import check_room, staging_directory
from faasd.installer.backup.swap import check_whole
from faasd.installer.backup.tape import write_bytes, write_end, write_file
from faasd.installer.paths import Machine
from faasd.node.domain.image import Image
from faasd.node.open import Node


class WithImages(Enum):
    """Which images go into a backup: none, those that no registry has, or all of functions."""

    NONE = "none"
    LOCAL = "local"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What is in a backup that was made.

    Attributes:
        left_out: images that no registry has and that are not in it.
    """

    contents: Contents
    functions: Sequence[SavedFunction]
    left_out: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Makes backups of one machine."""

    machine: Machine
    node: Node
    read_functions: ReadFunctions

    def make(self, file: Path, passphrase: str, images: WithImages) -> Made:
        """Write a backup to `file`: whole, or not at all.

        Raises:
            FaasdError: it could not be made.
        """
        with staging_directory(self.machine) as staging:
            check_whole(self.machine)
            found = collect(self.machine, self.node, staging)
            functions = self.read_functions(found.files[DATABASE])
            check_secrets(functions, found)
            held = find_images(self.node, functions)
            chosen = choose_images(held, images)
            check_room(staging, sum(image.size for _, image in chosen))
            saved = export_images(self.node, chosen, staging)
            contents = self._contents(found, saved, staging)
            check_restorable(contents)
            files = {**found.files, **dict(list_blobs(staging))}
            with written_whole(file) as target, sealing(target, passphrase) as tape:
                write_bytes(tape, LIST, render_contents(contents))
                for entry in contents.files:
                    write_file(tape, entry, files[entry.name])
                write_end(tape)
        names = {image.name for _, image in chosen}
        left = [one.name for _, one in held if not one.source_digest and one.name not in names]
        return Made(contents=contents, functions=functions, left_out=sorted(set(left)))

    def _contents(self, found: Collected, images: Sequence[SavedImage], staging: Path) -> Contents:
        files = [*found.files.items(), *list_blobs(staging)]
        return Contents(
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            by=VERSION,
            architecture=str(self.node.machine.platform().architecture),
            namespaces=found.namespaces,
            edited=found.edited,
            files=[describe_file(name, path) for name, path in files],
            images=images,
        )


def choose_images(
    held: Sequence[tuple[str, Image]], which: WithImages
) -> Sequence[tuple[str, Image]]:
    """Return those of a node's images that go into a backup."""
    if which is WithImages.ALL:
        return held
    if which is WithImages.NONE:
        return ()
    return [(namespace, image) for namespace, image in held if not image.source_digest]


def check_restorable(contents: Contents) -> None:
    """Check by a restore's own eyes that it would take this, while that can still be mended.

    Raises:
        InvalidInput: it would not.
    """
    try:
        parse_contents(render_contents(contents))
    except InvalidInput as error:
        raise InvalidInput(f"no restore would take this node: {error}") from error


def check_secrets(functions: Sequence[SavedFunction], found: Collected) -> None:
    """Check that every secret that a function uses was collected.

    Raises:
        InvalidInput: one was not.
    """
    for function in functions:
        for secret in function.secrets:
            if f"secrets/{function.namespace}/{secret}" not in found.files:
                raise InvalidInput(
                    f"secret {secret} of function {function.name} in {function.namespace} is "
                    "missing on this node: set it again, or remove the function"
                )


@contextmanager
def written_whole(file: Path) -> Iterator[IO[bytes]]:
    """Give a file to write to, for root alone; it gets its name when all is written and on disk."""
    new = file.with_name(f".{file.name}.new-{os.getpid()}")
    with suppress(FileNotFoundError):
        new.unlink()
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        new.replace(file)
        _sync_directory(file.parent)
    finally:
        with suppress(FileNotFoundError):
            new.unlink()


def check_target(file: Path, *, force: bool) -> None:
    """Check that a backup may be written there.

    Raises:
        AlreadyExists: there is a file.
        InvalidInput: it cannot be one, or its directory is missing.
    """
    if not file.parent.is_dir():
        raise InvalidInput(f"the directory {file.parent} does not exist")
    if file.is_symlink() or (file.exists() and not file.is_file()):
        raise InvalidInput(f"{file} is no plain file: name another")
    if file.exists() and not force:
        raise AlreadyExists(f"{file} exists already: name another, or --force replaces it")


def _sync_directory(path: Path) -> None:
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
