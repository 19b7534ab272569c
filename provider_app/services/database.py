"""The provider's one SQLite file."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from faasd.base.errors import NoRoom, Unavailable

VERSION = 1
"""Of the schema; tables that an older version does not know need no new one."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS functions (
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    deployment TEXT NOT NULL,
    digest TEXT NOT NULL,
    generation INTEGER NOT NULL,
    replicas INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (namespace, name)
);
CREATE TABLE IF NOT EXISTS rollouts (
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    deployment TEXT NOT NULL,
    digest TEXT NOT NULL,
    generation INTEGER NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (namespace, name)
);
CREATE TABLE IF NOT EXISTS sleeps (
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    since REAL NOT NULL,
    deep INTEGER NOT NULL DEFAULT 0,
    trial INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (namespace, name)
);
CREATE TABLE IF NOT EXISTS generations (last INTEGER NOT NULL);
INSERT INTO generations SELECT 0 WHERE NOT EXISTS (SELECT * FROM generations);
CREATE TABLE IF NOT EXISTS namespaces (
    name TEXT NOT NULL PRIMARY KEY,
    annotations TEXT NOT NULL DEFAULT '{}',
    leaving INTEGER NOT NULL DEFAULT 0
);
"""

Values = tuple[str | int, ...]
Row = tuple[object, ...]


class Database:
    """What was written in a transaction that ended survives a power cut. Thread-safe."""

    def __init__(self, path: str) -> None:
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        with self.transaction() as connection:
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            if found > VERSION:
                raise Unavailable(
                    f"{path} was written by a newer version (schema {found}, this one knows "
                    f"{VERSION}): install that version again"
                )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(SCHEMA)
        self._connection.execute(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def query(self, query: str, values: Values = ()) -> Sequence[Row]:
        """Return what a question finds."""
        with self._lock, _explained():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def still(self) -> Iterator[None]:
        """Let no other thread write while the block runs: all it reads is of one moment."""
        with self._lock:
            yield

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do all that the block does, or nothing of it."""
        with self._lock, _explained(), self._begun() as connection:
            yield connection

    @contextmanager
    def hurried(self) -> Iterator[sqlite3.Connection]:
        """Do as `transaction` does, but do not wait for the disk.

        It survives the end of the process; a power cut may undo it, though never what was written
        before it, nor what was written by a `transaction` after it.
        """
        with self._lock, _explained():
            self._connection.execute("PRAGMA synchronous = NORMAL")
            try:
                with self._begun() as connection:
                    yield connection
            finally:
                self._connection.execute("PRAGMA synchronous = FULL")

    @contextmanager
    def _begun(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # SQLite itself ends one on a full disk.
                self._connection.execute("ROLLBACK")
            raise


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        full = "full" in str(error) or "disk I/O" in str(error)
        kind = NoRoom if full else Unavailable
        raise kind(f"the store of functions cannot be used: {error}") from error
