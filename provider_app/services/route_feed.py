"""What the gateway follows: each function, its state, and where its replicas answer."""

import json
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack

from faasd.base.errors import NotFound, Unsatisfiable
from provider_app.config import ROUTE_STREAMS
from provider_app.domain.function import FunctionKey
from provider_app.domain.scaling import read_scaling
from provider_app.services.changes import Changes, Watchers
from provider_app.services.functions import Functions
from provider_app.services.memory_watch import MemoryWatch
from provider_app.services.replicas import Replicas
from provider_app.services.store import Store
from provider_app.services.streams import LOOK_EVERY, Streams

HEARTBEAT = 5.0
"""Seconds of silence after which a line says that the stream lives."""

Entry = dict[str, object]
SYNCED: Entry = {"synced": True}
PRESSED: Entry = {"pressed": True}
"""Idle functions are to sleep before their time; said with `SYNCED`, which takes it back, too."""


class RouteFeed:
    """Streams of lines, one for each follower."""

    def __init__(
        self,
        functions: Functions,
        store: Store,
        replicas: Replicas,
        watchers: Watchers,
        memory: MemoryWatch,
    ) -> None:
        self._functions = functions
        self._store = store
        self._replicas = replicas
        self._watchers = watchers
        self._memory = memory
        self.streams = Streams(ROUTE_STREAMS)

    def follow(self) -> "RouteStream":
        """Return what there is, and then what changes, until `close`.

        Raises:
            Overloaded: enough others follow.
        """
        with ExitStack() as done:
            done.enter_context(self.streams.place("/system/routes"))
            changes = done.enter_context(self._watchers.watch())
            return RouteStream(self._lines(changes), done.pop_all())

    def _lines(self, changes: Changes) -> Iterator[bytes]:
        """Yield what is new, that of one moment together; a heartbeat where nothing is."""
        sent: dict[FunctionKey, Entry] = {}
        is_synced = is_pressed = False
        beat_at = 0.0
        while not self.streams.ended:
            keys: Collection[FunctionKey] = changes.take(LOOK_EVERY)
            news = b""
            if self._replicas.known:
                news = self._render(keys if is_synced else self._store.list_keys(), sent)
                if not is_synced or self._memory.asks_gateway != is_pressed:
                    is_pressed = self._memory.asks_gateway
                    news += _line({**SYNCED, **PRESSED} if is_pressed else SYNCED)
                is_synced = True
            if news or time.monotonic() >= beat_at:
                beat_at = time.monotonic() + HEARTBEAT
                yield news or _line({})

    def _render(self, keys: Collection[FunctionKey], sent: dict[FunctionKey, Entry]) -> bytes:
        """Return the lines of those functions that are not as they were `sent`."""
        text = b""
        for key in keys:
            entry = self._entry(key)
            if entry is None and sent.pop(key, None) is not None:
                text += _line({"function": key.name, "namespace": key.namespace, "gone": True})
            elif entry is not None and entry != sent.get(key):
                sent[key] = entry
                text += _line(entry)
        return text

    def _entry(self, key: FunctionKey) -> Entry | None:
        try:
            view = self._functions.describe(key)
        except NotFound:
            return None
        # Looked at last: what is told to be ready has an address in the same line.
        available = sorted(r.workload.address or "" for r in self._replicas.ready(key))
        return {
            "function": key.name,
            "namespace": key.namespace,
            "generation": view.function.generation,
            "replicas": view.function.replicas,
            "available": available,
            "state": view.state.word,
            "reason": view.state.reason,
            "scaling": _render_scaling(view.function.deployment.labels),
        }


class RouteStream:
    """One follower's lines; `close` lets go of its place, whatever happens."""

    def __init__(self, lines: Iterator[bytes], done: ExitStack) -> None:
        self._lines = lines
        self._done = done

    def __iter__(self) -> Iterator[bytes]:
        return self._lines

    def close(self) -> None:
        """End."""
        self._done.close()


def _render_scaling(labels: Mapping[str, str]) -> Entry | None:
    """Return what the gateway's autoscaler goes by: numbers, so that labels are read once.

    None for labels that an earlier version stored and this one refuses: such a function is left
    alone, and the others are told of all the same.
    """
    try:
        scaling = read_scaling(labels)
    except Unsatisfiable:
        return None
    load = scaling.by_load
    return {
        "least": scaling.least,
        "most": scaling.most,
        "idle": scaling.idle if scaling.to_zero else None,
        "load": load and {"type": load.type.value, "each": load.each, "step": load.step},
    }


def _line(entry: Entry) -> bytes:
    return json.dumps(entry).encode() + b"\n"
