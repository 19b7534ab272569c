"""The provider's database: copied while it is in use, and made to take another's place."""

import fcntl
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from faasd.base.errors import InUse, NotFound, Unavailable

_WAIT = 30.0
"""Seconds to wait for a deploy that is being written."""

_LEAVE = (
    "INSERT INTO namespaces (name, leaving) VALUES (?, 1) "
    "ON CONFLICT (name) DO UPDATE SET leaving = 1"
)


_NO_TABLES = "SELECT group_concat(name) FROM sqlite_master WHERE type NOT IN ('table', 'index')"
"""Triggers and views, which no provider makes."""


@contextmanager
def held_still(path: Path) -> Iterator[None]:
    """Keep what functions are wanted as it is while the block runs: short, for deploys wait.

    Secrets that functions use cannot be removed meanwhile, nor their namespaces.

    Raises:
        NotFound: there is no database.
        Unavailable: it cannot be locked.
    """
    if not path.is_file():
        raise NotFound(
            f"{path} is missing: no provider has run here yet (sudo faasd start), "
            "so there is nothing to back up"
        )
    with _explained(path), closing(_connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")


def copy_database(path: Path, target: Path) -> None:
    """Write a copy that is whole, by SQLite's own means, as one file."""
    with _explained(path), closing(_connect(path)) as source, closing(_connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    target.chmod(0o600)


def last_generation(path: Path) -> int:
    """Return the last generation that a database gave out; 0 where there is none."""
    if not path.is_file():
        return 0
    with _explained(path), closing(_connect(path)) as connection:
        row = connection.execute("SELECT last FROM generations").fetchone()
    return int(row[0]) if row else 0


def take_over(staged: Path, generations: int, leaving: Collection[str]) -> None:
    """Make a restored database fit for a machine that had functions of its own.

    Generations go on where the machine's own ended, so that no container that is there is taken
    for one of a restored function; namespaces that are not in the backup shall go.
    """
    with _explained(staged), closing(_connect(staged)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for table in ("functions", "rollouts"):
            connection.execute(
                f"UPDATE {table} SET generation = generation + ?",  # noqa: S608  # of two names
                (generations,),
            )
        connection.execute("UPDATE generations SET last = last + ?", (generations,))
        connection.executemany(_LEAVE, [(name,) for name in sorted(leaving)])
        connection.execute("COMMIT")


def check_database(path: Path) -> None:
    """Check that a database is whole.

    Raises:
        Unavailable: it is not.
    """
    with _explained(path), closing(_connect(path)) as connection:
        others = connection.execute(_NO_TABLES).fetchone()[0]
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if others or found != "ok":
        raise Unavailable(f"the database in the backup is broken: {others or found}")


@contextmanager
def no_provider(database: Path) -> Iterator[None]:
    """Hold the provider's lock, so that none runs.

    Raises:
        InUse: one does, which nobody's service manager knows.
    """
    lock = database.with_name(f"{database.name}.lock")
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(
                "a provider runs that was not started by `faasd start`: end it first"
            ) from None
        yield


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_WAIT, isolation_level=None)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise Unavailable(f"{path} cannot be read or written: {error}") from error
