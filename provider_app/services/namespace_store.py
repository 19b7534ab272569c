"""What the provider itself keeps of namespaces: annotations, and which are to go."""

import json
import sqlite3
from collections.abc import Mapping, Sequence

from provider_app.domain.function import FunctionKey
from provider_app.services.database import Database

_LEAVE = (
    "INSERT INTO namespaces (name, leaving) VALUES (?, 1) "
    "ON CONFLICT (name) DO UPDATE SET leaving = 1"
)
_ANNOTATE = (
    "INSERT INTO namespaces (name, annotations) VALUES (?, ?) "
    "ON CONFLICT (name) DO UPDATE SET annotations = excluded.annotations"
)


class NamespaceStore:
    """The table of namespaces. One that is not in it is there, and has no annotations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def annotations(self, name: str) -> Mapping[str, str]:
        """Return a namespace's annotations."""
        query = "SELECT annotations FROM namespaces WHERE name = ?"
        rows = self._database.query(query, (name,))
        return (
            {str(key): str(text) for key, text in json.loads(str(rows[0][0])).items()}
            if rows
            else {}
        )

    def set_annotations(self, name: str, annotations: Mapping[str, str]) -> None:
        """Replace a namespace's annotations."""
        with self._database.transaction() as connection:
            connection.execute(_ANNOTATE, (name, json.dumps(dict(annotations))))

    def leave(self, name: str) -> Sequence[FunctionKey]:
        """Want a namespace no more, nor its functions; return which those were."""
        with self._database.transaction() as connection:
            names = _functions(connection, name)
            connection.execute("DELETE FROM functions WHERE namespace = ?", (name,))
            connection.execute("DELETE FROM rollouts WHERE namespace = ?", (name,))
            connection.execute("DELETE FROM sleeps WHERE namespace = ?", (name,))
            connection.execute(_LEAVE, (name,))
        return [FunctionKey(namespace=name, name=function) for function in names]

    def leave_if_empty(self, name: str) -> Sequence[str]:
        """Want a namespace no more, unless it has functions: then return their names."""
        with self._database.transaction() as connection:
            names = _functions(connection, name)
            if not names:
                connection.execute(_LEAVE, (name,))
        return names

    def list_leaving(self) -> Sequence[str]:
        """Return the namespaces that are to go."""
        rows = self._database.query("SELECT name FROM namespaces WHERE leaving ORDER BY name")
        return [str(row[0]) for row in rows]

    def forget(self, name: str) -> None:
        """Forget a namespace that is gone."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM namespaces WHERE name = ?", (name,))


def _functions(connection: sqlite3.Connection, namespace: str) -> Sequence[str]:
    query = "SELECT name FROM functions WHERE namespace = ? ORDER BY name"
    return [str(row[0]) for row in connection.execute(query, (namespace,))]
