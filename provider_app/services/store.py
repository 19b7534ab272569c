"""Desired state: the functions that are wanted."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from sqlite3 import Connection

from faasd.base.errors import InUse
from provider_app.domain.deployment import Deployment, Quantities
from provider_app.domain.function import Function, FunctionKey
from provider_app.domain.scaling import Scaling
from provider_app.services.database import Database
from provider_app.services.sleeps import (
    Sleeps,
    begin_trial,
    deepen,
    forget_sleep,
    note_replicas,
)

_KEEP_PREVIOUS = """
    INSERT OR IGNORE INTO rollouts
    SELECT namespace, name, deployment, digest, generation, '' FROM functions
    WHERE namespace = ? AND name = ? AND generation <> ?
"""
_ROLL_BACK = """
    UPDATE functions SET (deployment, digest, generation) = (
        SELECT deployment, digest, generation FROM rollouts
        WHERE (namespace, name) = (functions.namespace, functions.name)
    ), replicas = CASE replicas WHEN 0 THEN 0 ELSE MIN(MAX(replicas, ?), ?) END
    WHERE namespace = ? AND name = ? AND generation = ? AND EXISTS (
        SELECT 1 FROM rollouts
        WHERE (namespace, name) = (functions.namespace, functions.name) AND reason = ''
    )
"""
_FORGET_ROLLBACK = "DELETE FROM rollouts WHERE namespace = ? AND name = ? AND reason <> ''"
_LEAVING = "SELECT 1 FROM namespaces WHERE name = ? AND leaving"


class Store:
    """The functions that are wanted. What was written survives a power cut, but for `awaken`.

    Attributes:
        sleeps: what is known of those that are asleep.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.sleeps = Sleeps(database)

    def find(self, key: FunctionKey) -> Function | None:
        """Return a function, or None."""
        query = "SELECT * FROM functions WHERE namespace = ? AND name = ?"
        rows = self._database.query(query, (key.namespace, key.name))
        return _function(rows[0]) if rows else None

    def has(self, key: FunctionKey) -> bool:
        """Tell whether a function is wanted."""
        query = "SELECT 1 FROM functions WHERE namespace = ? AND name = ?"
        return bool(self._database.query(query, (key.namespace, key.name)))

    def find_replicas(self, key: FunctionKey) -> int | None:
        """Return how many replicas a function shall have; None where there is none."""
        query = "SELECT replicas FROM functions WHERE namespace = ? AND name = ?"
        rows = self._database.query(query, (key.namespace, key.name))
        return int(str(rows[0][0])) if rows else None

    def list(self, namespace: str) -> Sequence[Function]:
        """Return the functions of a namespace, by name."""
        query = "SELECT * FROM functions WHERE namespace = ? ORDER BY name"
        return [_function(row) for row in self._database.query(query, (namespace,))]

    def list_keys(self) -> Sequence[FunctionKey]:
        """Return which functions there are, in every namespace."""
        rows = self._database.query("SELECT namespace, name FROM functions")
        return [FunctionKey(namespace=str(row[0]), name=str(row[1])) for row in rows]

    def next_generation(self) -> int:
        """Return a number that was never returned before, not even by another process."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE generations SET last = last + 1")
            return int(connection.execute("SELECT last FROM generations").fetchone()[0])

    def put(self, function: Function, *, keep_previous: bool = False, trial: bool = False) -> None:
        """Store a function in place of one of the same name.

        Args:
            function: as it shall be.
            keep_previous: remember the one that is replaced, to go back to; one that was
                remembered before, of an update that is not done, stays.
            trial: let one replica of it run though it is asleep, until it is known whether it
                becomes ready. One that is asleep and not tried has no process to freeze.

        Raises:
            InUse: its namespace is being removed.
        """
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
        with self._database.transaction() as connection:
            if connection.execute(_LEAVING, (function.key.namespace,)).fetchone():
                raise InUse(
                    f"namespace {function.key.namespace} is being removed", field="namespace"
                )
            where = (function.key.namespace, function.key.name)
            connection.execute(_FORGET_ROLLBACK, where)
            if keep_previous:
                connection.execute(_KEEP_PREVIOUS, (*where, function.generation))
            connection.execute("REPLACE INTO functions VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            if trial:
                begin_trial(connection, function.key, function.generation)
            elif function.replicas == 0:
                deepen(connection, function.key)

    def find_previous(self, key: FunctionKey) -> Function | None:
        """Return what a function was before an update that is under way, or None."""
        rows = self._database.query(
            "SELECT r.namespace, r.name, r.deployment, r.digest, r.generation, f.replicas,"
            " f.created_at FROM rollouts r JOIN functions f USING (namespace, name)"
            " WHERE r.namespace = ? AND r.name = ? AND r.reason = ''",
            (key.namespace, key.name),
        )
        return _function(rows[0]) if rows else None

    def settle(self, key: FunctionKey, generation: int) -> None:
        """Forget what was before this generation, if it is still the wanted one."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM rollouts WHERE namespace = ? AND name = ? AND reason = ''"
                " AND EXISTS (SELECT 1 FROM functions WHERE generation = ? AND"
                " (namespace, name) = (rollouts.namespace, rollouts.name))",
                (key.namespace, key.name, generation),
            )

    def roll_back(self, key: FunctionKey, generation: int, reason: str, scaling: Scaling) -> bool:
        """Want again what was before this generation; tell whether it was still the wanted one.

        Args:
            key: of the function.
            generation: that is given up.
            reason: why.
            scaling: of what was before: it has as many replicas as its own labels allow.
        """
        where = (key.namespace, key.name)
        bounds = (scaling.least, scaling.most)
        with self._database.transaction() as connection:
            changed = connection.execute(_ROLL_BACK, (*bounds, *where, generation))
            if changed.rowcount:
                connection.execute(
                    "UPDATE rollouts SET reason = ? WHERE namespace = ? AND name = ?",
                    (reason, *where),
                )
            return changed.rowcount > 0

    def find_rollback(self, key: FunctionKey) -> str:
        """Return why the last update was taken back, or an empty string."""
        query = "SELECT reason FROM rollouts WHERE namespace = ? AND name = ?"
        rows = self._database.query(query, (key.namespace, key.name))
        return str(rows[0][0]) if rows else ""

    def forget_rollback(self, key: FunctionKey) -> None:
        """Forget why the last update was taken back: what it was taken back to is asked for."""
        with self._database.transaction() as connection:
            connection.execute(_FORGET_ROLLBACK, (key.namespace, key.name))

    def set_replicas(self, key: FunctionKey, replicas: int) -> bool:
        """Set how many replicas a function shall have; tell whether there is one."""
        with self._database.transaction() as connection:
            return _set_replicas(connection, key, replicas)

    def awaken(self, key: FunctionKey, replicas: int) -> bool:
        """Do as `set_replicas` does, but do not wait for the disk: somebody waits for a call.

        A power cut that undoes it leaves a function asleep that the next call wakes.
        """
        with self._database.hurried() as connection:
            return _set_replicas(connection, key, replicas)

    def remove(self, key: FunctionKey) -> bool:
        """Forget a function; tell whether there was one."""
        with self._database.transaction() as connection:
            where = (key.namespace, key.name)
            connection.execute("DELETE FROM rollouts WHERE namespace = ? AND name = ?", where)
            forget_sleep(connection, key)
            changed = connection.execute(
                "DELETE FROM functions WHERE namespace = ? AND name = ?", where
            )
            return changed.rowcount > 0


def _set_replicas(connection: Connection, key: FunctionKey, replicas: int) -> bool:
    note_replicas(connection, key, replicas)
    changed = connection.execute(
        "UPDATE functions SET replicas = ? WHERE namespace = ? AND name = ?",
        (replicas, key.namespace, key.name),
    )
    return changed.rowcount > 0


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
