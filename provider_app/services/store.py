"""Desired state: one SQLite file."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from threading import Lock

from faasd.base.errors import NoRoom, Unavailable
from provider_app.domain.deployment import Deployment, Quantities
from provider_app.domain.function import Function, FunctionKey

VERSION = 1
_SCHEMA = """
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
CREATE TABLE IF NOT EXISTS generations (last INTEGER NOT NULL);
INSERT INTO generations SELECT 0 WHERE NOT EXISTS (SELECT * FROM generations);
"""


class Store:
    """The functions that are wanted. What a method has written survives a power cut."""

    def __init__(self, path: str) -> None:
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        with self._transaction() as connection:
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            if found > VERSION:
                raise Unavailable(
                    f"{path} was written by a newer version (schema {found}, this one knows "
                    f"{VERSION}): install that version again"
                )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_SCHEMA)
        self._connection.execute(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def find(self, key: FunctionKey) -> Function | None:
        """Return a function, or None."""
        query = "SELECT * FROM functions WHERE namespace = ? AND name = ?"
        rows = self._query(query, (key.namespace, key.name))
        return _function(rows[0]) if rows else None

    def has(self, key: FunctionKey) -> bool:
        """Tell whether a function is wanted."""
        query = "SELECT 1 FROM functions WHERE namespace = ? AND name = ?"
        return bool(self._query(query, (key.namespace, key.name)))

    def list(self, namespace: str) -> Sequence[Function]:
        """Return the functions of a namespace, by name."""
        query = "SELECT * FROM functions WHERE namespace = ? ORDER BY name"
        return [_function(row) for row in self._query(query, (namespace,))]

    def list_keys(self) -> Sequence[FunctionKey]:
        """Return which functions there are, in every namespace."""
        rows = self._query("SELECT namespace, name FROM functions", ())
        return [FunctionKey(namespace=str(row[0]), name=str(row[1])) for row in rows]

    def next_generation(self) -> int:
        """Return a number that was never returned before, not even by another process."""
        with self._transaction() as connection:
            connection.execute("UPDATE generations SET last = last + 1")
            return int(connection.execute("SELECT last FROM generations").fetchone()[0])

    def put(self, function: Function) -> None:
        """Store a function in place of one of the same name."""
        deployment = json.dumps(asdict(function.deployment))
        row = (
            function.key.namespace,
            function.key.name,
            deployment,
            function.digest,
            function.generation,
            function.replicas,
            function.created_at.isoformat(),
        )
        with self._transaction() as connection:
            connection.execute("REPLACE INTO functions VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def set_replicas(self, key: FunctionKey, replicas: int) -> bool:
        """Set how many replicas a function shall have; tell whether there is one."""
        with self._transaction() as connection:
            changed = connection.execute(
                "UPDATE functions SET replicas = ? WHERE namespace = ? AND name = ?",
                (replicas, key.namespace, key.name),
            )
            return changed.rowcount > 0

    def remove(self, key: FunctionKey) -> bool:
        """Forget a function; tell whether there was one."""
        with self._transaction() as connection:
            changed = connection.execute(
                "DELETE FROM functions WHERE namespace = ? AND name = ?", (key.namespace, key.name)
            )
            return changed.rowcount > 0

    def _query(self, query: str, values: tuple[str, ...]) -> Sequence[tuple[object, ...]]:
        with self._lock, _explained():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _explained():
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


def _function(row: tuple[object, ...]) -> Function:
    fields = json.loads(str(row[2]))
    for name in ("limits", "requests"):
        fields[name] = Quantities(**fields[name])
    for name in ("secrets", "constraints"):
        fields[name] = tuple(fields[name])
    return Function(
        deployment=Deployment(**fields),
        digest=str(row[3]),
        generation=int(str(row[4])),
        replicas=int(str(row[5])),
        created_at=datetime.fromisoformat(str(row[6])),
    )
