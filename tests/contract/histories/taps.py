"""Every call of a provider to its machine and to its store is a moment at which it may be killed.

The calls are counted by wrapping the ports as they are, so a step that is added is one more moment.
"""

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from faasd.node.open import Node
from faasd.node.workloads.images import Images
from faasd.node.workloads.parts import Parts
from faasd.node.workloads.workloads import Workloads
from provider_app.services.database import Database, Row, Values

READS = frozenset(
    {"exist", "find", "list", "memory", "platform", "query", "resolve", "resolve_user", "usage"}
    | {"version", "wait", "held_open"}
)
"""Methods that change nothing. Any other counts as a step, so that a new one does by itself."""


class Killed(BaseException):
    """The provider is dead, as by SIGKILL: no line of it goes on, not even one that undoes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something befalls: at which call, counted from 0, just before its effect or after."""

    call: int
    after: bool

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} call {self.call}"


class Tap:
    """Counts the calls of one provider; from its death on none of them does anything.

    To a machine that is left as it is, it makes no difference before which of several reads in a
    row the provider dies: then only steps are counted. It does to a provider that goes on.

    Attributes:
        happened: set when the accident that it was armed with has befallen.
        calls: what was counted since it was armed, e.g. ``tasks.start``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watching = threading.local()
        self._moment: Moment | None = None
        self._accident: Callable[[], None] = self.kill
        self._uncounted: Collection[str] = ()
        self._dead = False
        self.happened = threading.Event()
        self.calls: list[str] = []

    def arm(self, moment: Moment | None, accident: Callable[[], None] | None = None) -> None:
        """Count steps anew, and let the provider die at one of them.

        Args:
            moment: which; None is never.
            accident: befalls instead, and is counted by all calls.
        """
        with self._lock:
            self.calls = []
            self._moment = moment
            self._accident = accident or self.kill
            self._uncounted = () if accident else READS
            self.happened.clear()

    def kill(self) -> None:
        """Let the provider be dead."""
        self._dead = True

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Do not count what this thread calls: it is the test's, which looks."""
        self._watching.on = True
        try:
            yield
        finally:
            self._watching.on = False

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """Make the call that the block makes, and be killed before or after it."""
        if getattr(self._watching, "on", False):
            yield
            return
        number = self._count(name)
        self._pass(number, after=False)
        try:
            yield
        finally:
            self._pass(number, after=True)

    def _count(self, name: str) -> int:
        """Return the number of a call; -1 for one that does not count."""
        with self._lock:
            if name.partition(".")[2] in self._uncounted:
                return -1
            self.calls.append(name)
            return len(self.calls) - 1

    def _pass(self, number: int, *, after: bool) -> None:
        moment = Moment(call=number, after=after)
        if moment == self._moment and not self.happened.is_set():
            try:
                self._accident()
            finally:
                self.happened.set()
        if self._dead:
            raise Killed


class Tapped:
    """A port, each call of which goes through a tap. Letting go of what it holds always works."""

    def __init__(self, port: object, name: str, tap: Tap) -> None:
        self._port, self._name, self._tap = port, name, tap

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found) or name == "close":
            return found
        return partial(self._call, found, f"{self._name}.{name}")

    def _call(self, method: Callable[..., Any], name: str, *args: Any) -> Any:
        with self._tap.call(name):
            return method(*args)


def tapped_node(node: Node, tap: Tap) -> Node:
    """Return the node as the provider gets it: every port but the streams of events and logs."""

    def tapped(port: object, name: str) -> Any:
        return Tapped(port, name, tap)

    inside = node.workloads._parts
    parts = Parts(
        **{each.name: tapped(getattr(inside, each.name), each.name) for each in fields(Parts)}
    )
    return replace(
        node,
        machine=tapped(node.machine, "machine"),
        namespaces=tapped(node.namespaces, "namespaces"),
        networks=parts.networks,
        images=Images(tapped(node.images._source, "registry"), parts.images, node.machine.platform),
        workloads=Workloads(parts),
    )


class TappedDatabase(Database):
    """The provider's store; a transaction is one step, as SQLite promises."""

    def __init__(self, tap: Tap, path: str) -> None:
        self._tap = tap
        with tap.watching():
            super().__init__(path)

    def query(self, query: str, values: Values = ()) -> list[Row]:
        with self._tap.call("store.query"):
            return list(super().query(query, values))

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        with self._tap.call("store.transaction"), super().transaction() as connection:
            yield connection
