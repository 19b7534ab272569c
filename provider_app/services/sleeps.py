"""Functions that are asleep: since when, how deep, and whether an update of one is being tried.

Rows of functions that are awake say nothing, and those of functions that were awake since are
written anew: a row that was left behind does no harm.
"""

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass

from provider_app.domain.function import FunctionKey
from provider_app.services.database import Database

_FALL_ASLEEP = """
    REPLACE INTO sleeps (namespace, name, since)
    SELECT namespace, name, ? FROM functions WHERE namespace = ? AND name = ? AND replicas > 0
"""
_WAKE = "DELETE FROM sleeps WHERE namespace = ? AND name = ?"
_DEEPEN = """
    INSERT INTO sleeps (namespace, name, since, deep)
    SELECT namespace, name, 0, 1 FROM functions WHERE namespace = ? AND name = ? AND replicas = 0
    ON CONFLICT DO UPDATE SET deep = 1
"""
_TRY = """
    INSERT INTO sleeps (namespace, name, since, trial) VALUES (?, ?, 0, ?)
    ON CONFLICT DO UPDATE SET trial = excluded.trial
"""
_END_TRIAL = "UPDATE sleeps SET trial = 0 WHERE namespace = ? AND name = ? AND trial = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleep:
    """What is known of a function that is asleep.

    Attributes:
        since: seconds since the epoch; 0 where that is not known.
        deep: it is stopped though its label says paused: its memory was needed.
        trial: the generation of which one replica runs, to see whether it becomes ready; 0 is none.
    """

    since: float = 0.0
    deep: bool = False
    trial: int = 0


class Sleeps:
    """The table of sleeps. What a method has written survives a power cut."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, key: FunctionKey) -> Sleep:
        """Return what is known of a function that is asleep, maybe nothing."""
        rows = self._database.query(
            "SELECT since, deep, trial FROM sleeps WHERE namespace = ? AND name = ?",
            (key.namespace, key.name),
        )
        if not rows:
            return Sleep()
        since, deep, trial = rows[0]
        return Sleep(since=float(str(since)), deep=bool(deep), trial=int(str(trial)))

    def deepen(self, keys: Iterable[FunctionKey]) -> None:
        """Let functions be stopped that are paused, until they are awake again."""
        with self._database.transaction() as connection:
            for key in keys:
                deepen(connection, key)

    def end_trial(self, key: FunctionKey, generation: int) -> bool:
        """Let the function sleep wholly; tell whether there was such a trial."""
        with self._database.transaction() as connection:
            ended = connection.execute(_END_TRIAL, (key.namespace, key.name, generation))
            return ended.rowcount > 0


def note_replicas(connection: sqlite3.Connection, key: FunctionKey, replicas: int) -> None:
    """Write down that a function falls asleep or wakes, before its replicas are set."""
    where = (key.namespace, key.name)
    if replicas:
        connection.execute(_WAKE, where)
    else:
        connection.execute(_FALL_ASLEEP, (time.time(), *where))


def deepen(connection: sqlite3.Connection, key: FunctionKey) -> None:
    """Let a sleeping function be stopped, whatever its label says, until it is awake again."""
    connection.execute(_DEEPEN, (key.namespace, key.name))


def begin_trial(connection: sqlite3.Connection, key: FunctionKey, generation: int) -> None:
    """Let one replica of a generation run though the function is asleep."""
    connection.execute(_TRY, (key.namespace, key.name, generation))


def forget_sleep(connection: sqlite3.Connection, key: FunctionKey) -> None:
    """Forget a function that is no more."""
    connection.execute(_WAKE, (key.namespace, key.name))
