"""Restores a backup: all of it, or the machine is as it was before."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from faasd.base.errors import FaasdError, InvalidInput, Unavailable
from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE
from faasd.installer.backup.collect import (
    ReadFunctions,
    SavedFunction,
    check_places,
    list_namespaces,
)
from faasd.installer.backup.contents import (
    DATABASE,
    DATABASE_FILE,
    ENVIRONMENT,
    FUNCTION_SECRETS,
    Contents,
)
from faasd.installer.backup.database import (
    check_database,
    copy_database,
    last_generation,
    no_provider,
    take_over,
)
from faasd.installer.backup.decide import (
    Found,
    check_functions,
    check_machine,
    list_leaving,
    list_moves,
)
from faasd.installer.backup.images import import_images
from faasd.installer.backup.namespaces import restore_namespaces
from faasd.installer.backup.read import Opened, open_backup
from faasd.installer.backup.staging import staging_directory
from faasd.installer.backup.swap import JOURNAL, Swap, is_cut_off, settle
from faasd.installer.loopback import (
    decide_environment,
    own_line,
    read_environment,
    write_environment,
)
from faasd.installer.paths import ENVIRONMENT_FILE, Machine
from faasd.installer.steps import Say
from faasd.node.open import Node


class Programs(Protocol):
    """The node's programs, stopped while files are changed under them."""

    def stop(self) -> str:
        """Stop them and the core services; functions go on; say what was done."""
        ...

    def start(self) -> str:
        """Start them; say what was done."""
        ...

    def wait_up(self) -> None:
        """Wait until they answer.

        Raises:
            TimedOut: they do not.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored."""

    contents: Contents
    functions: Sequence[SavedFunction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restorer:
    """Restores backups on one machine."""

    machine: Machine
    node: Node
    read_functions: ReadFunctions
    programs: Programs
    say: Say

    def restore(self, file: Path, passphrase: str, *, replace: bool) -> Restored:
        """Make the machine's functions, secrets, login and settings those of a backup.

        Raises:
            FaasdError: it could not be done; the machine is as it was.
        """
        with staging_directory(self.machine) as staging:
            self._finish_interrupted()
            opened = open_backup(file, passphrase, staging)
            functions = self._check(file, opened)
            self.say(f"{file}: of {opened.contents.made}, {len(functions)} functions, whole")
            found = self._find(staging, replace=replace)
            check_machine(opened.contents, found, replace=replace)
            with ExitStack() as undo:
                restore_namespaces(self.node, opened.contents.namespaces, undo)
                import_images(self.node, opened.contents.images, staging, undo)
                self.say(f"{len(opened.contents.images)} images taken in")
                undo.callback(self._start_again)
                self.say(f"programs: {self.programs.stop()}")
                swap = self._swap(opened, found)
                undo.callback(swap.undo)
                self._change(swap)
                undo.callback(self.programs.stop)
                self.say(f"programs: {self.programs.start()}")
                self.programs.wait_up()
                undo.pop_all()
            swap.finish()
        return Restored(contents=opened.contents, functions=functions)

    def _check(self, file: Path, opened: Opened) -> Sequence[SavedFunction]:
        try:
            check_database(opened.directory / DATABASE)
            functions = self.read_functions(opened.directory / DATABASE)
            check_functions(opened.contents, functions)
        except FaasdError as error:
            raise InvalidInput(f"{file} cannot be restored: {error}") from error
        return functions

    def _find(self, staging: Path, *, replace: bool) -> Found:
        """Look at what the machine has."""
        check_places(self.machine)
        functions: Sequence[SavedFunction] = ()
        try:
            functions = self._find_functions(staging / "found.db")
        except Unavailable as error:
            if not replace:
                raise Unavailable(
                    f"this node's own functions cannot be read, so nobody knows what would be "
                    f"lost: --replace takes them away for those of the backup ({error})"
                ) from error
            self.say(f"this node's own functions cannot be read and are given up: {error}")
        secrets = self.machine.at(FUNCTION_SECRETS).glob("*/*")
        return Found(
            functions=functions,
            secrets={f"{one.name}.{one.parent.name}" for one in secrets if one.name[0] != "."},
            namespaces=list(list_namespaces(self.node)),
            architecture=self.node.machine.platform().architecture,
        )

    def _find_functions(self, copy: Path) -> Sequence[SavedFunction]:
        database = self.machine.at(DATABASE_FILE)
        if not database.is_file():
            return ()
        copy_database(database, copy)
        return self.read_functions(copy)

    def _last_generation(self, database: Path) -> int:
        """Return the last generation given out; of containers where the database cannot say."""
        try:
            return last_generation(database)
        except Unavailable:
            spaces = list_namespaces(self.node)
            found = (one for name in spaces for one in self.node.workloads.list(name))
            return max((one.generation for one in found), default=0)

    def _swap(self, opened: Opened, found: Found) -> Swap:
        """Prepare what changes; the database comes last, so that it decides."""
        database = self.machine.at(DATABASE_FILE)
        leaving = list_leaving(opened.contents, found, DEFAULT_FUNCTION_NAMESPACE)
        take_over(opened.directory / DATABASE, self._last_generation(database), leaving)
        (opened.directory / "secrets").mkdir(exist_ok=True)
        if opened.has(ENVIRONMENT):
            self._keep_own_line(opened.directory / ENVIRONMENT)
        moves: dict[Path, Path | None] = {
            self.machine.at(place): opened.directory / name if name else None
            for place, name in list_moves(opened.contents).items()
        }
        for suffix in ("-wal", "-shm"):
            moves[database.with_name(database.name + suffix)] = None
        moves[database] = opened.directory / DATABASE
        return Swap(journal=self.machine.at(JOURNAL), moves=moves)

    def _keep_own_line(self, staged: Path) -> None:
        """Let the router listen where it does: that is this machine's choice (`--domain`)."""
        ours = own_line(self.machine)
        is_hidden = ours in read_environment(self.machine.at(ENVIRONMENT_FILE)).splitlines()
        text = decide_environment(read_environment(staged), ours, is_hidden=is_hidden)
        write_environment(staged, text)

    def _change(self, swap: Swap) -> None:
        with no_provider(self.machine.at(DATABASE_FILE)):
            swap.prepare()
            swap.commit()

    def _start_again(self) -> None:
        self.say(f"put back as it was; programs: {self.programs.start()}")

    def _finish_interrupted(self) -> None:
        journal = self.machine.at(JOURNAL)
        if is_cut_off(journal):
            self.programs.stop()
            settle(journal)
            self.say(f"a restore that was cut off was undone; {self.programs.start()}")
        else:
            settle(journal)
