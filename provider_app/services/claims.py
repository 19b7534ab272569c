"""What functions ask of the node's memory, as the database has it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from provider_app.domain.budget import Sleeper
from provider_app.domain.claim import Claim
from provider_app.domain.function import FunctionKey
from provider_app.domain.scaling import DEPTH, Depth
from provider_app.services.database import Database
from provider_app.services.store import Store

_UPDATING = """
    EXISTS (SELECT 1 FROM rollouts r
            WHERE (r.namespace, r.name) = (f.namespace, f.name) AND r.reason = '')
"""
_PAUSED = "COALESCE(json_extract(f.deployment, ?), '') = ? AND COALESCE(s.deep, 0) = 0"
_REQUEST = "json_extract(f.deployment, '$.requests.memory')"
_LIMIT = "json_extract(f.deployment, '$.limits.memory')"
_LABEL = (f'$.labels."{DEPTH}"', Depth.PAUSED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Replicas that say the same of their memory.

    Attributes:
        request, limit: quantities, as they were written.
    """

    request: str
    limit: str
    replicas: int


class Claims:
    """Reads them."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def still(self) -> AbstractContextManager[None]:
        """Let no claim change while the block runs: an update that ends meanwhile counts once."""
        return self._database.still()

    def list_settled(self) -> Sequence[Asked]:
        """Return what functions ask for that are not being updated.

        A function that is asleep is one replica where its processes are only frozen.
        """
        rows = self._database.query(
            f"SELECT {_REQUEST}, {_LIMIT}, SUM(MAX(f.replicas, {_PAUSED}))"  # noqa: S608
            " FROM functions f LEFT JOIN sleeps s USING (namespace, name)"
            f" WHERE NOT {_UPDATING} GROUP BY 1, 2",
            _LABEL,
        )
        return [
            Asked(request=str(row[0]), limit=str(row[1]), replicas=int(str(row[2]))) for row in rows
        ]

    def list_updates(self) -> Sequence[Claim]:
        """Return what functions ask for that are being updated."""
        query = "SELECT namespace, name FROM rollouts WHERE reason = ''"
        keys = [
            FunctionKey(namespace=str(row[0]), name=str(row[1]))
            for row in self._database.query(query)
        ]
        return [claim for key in keys if (claim := self.find(key)) is not None]

    def find(self, key: FunctionKey) -> Claim | None:
        """Return what a function asks for, or None where there is none."""
        wanted = self._store.find(key)
        if wanted is None:
            return None
        sleep = self._store.sleeps.find(key)
        previous = self._store.find_previous(key)
        trial = sleep.trial == wanted.generation and previous is not None
        return Claim(wanted=wanted, previous=previous, deep=sleep.deep, trial=trial)

    def list_paused(self) -> Sequence[Sleeper]:
        """Return who sleeps and keeps its memory, the longest asleep first."""
        rows = self._database.query(
            f"SELECT f.namespace, f.name, {_REQUEST}, {_LIMIT}"  # noqa: S608
            " FROM functions f LEFT JOIN sleeps s USING (namespace, name)"
            f" WHERE f.replicas = 0 AND {_PAUSED} AND NOT {_UPDATING}"
            " ORDER BY COALESCE(s.since, 0), f.namespace, f.name",
            _LABEL,
        )
        return [
            Sleeper(
                key=FunctionKey(namespace=str(row[0]), name=str(row[1])),
                request=str(row[2]),
                limit=str(row[3]),
            )
            for row in rows
        ]
