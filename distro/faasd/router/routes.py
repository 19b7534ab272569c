"""`Router`: makes HAProxy route what is wanted, whatever it did before."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence

from faasd.base.errors import TimedOut, Unavailable
from faasd.router.answers import Worker, parse_map, parse_servers, parse_stats
from faasd.router.decide import (
    Found,
    decide_commands,
    found_functions,
    found_shape,
    lacks_slots,
)
from faasd.router.files import write_files
from faasd.router.layout import Layout, Slot, lay_out, newcomers_backends
from faasd.router.loading import Loading
from faasd.router.master import get_worker, reload
from faasd.router.pool import Pool, Shape, grown, make_pool, reassign
from faasd.router.runtime import RuntimeSocket
from faasd.router.settings import RouterSettings
from faasd.router.wanted import Endpoint, FunctionName, Routes

ACTIVATOR = "activator"
"""The name of the server that each backend falls back to."""

log = logging.getLogger(__name__)


class Router:
    """One HAProxy, told over its runtime socket. Safe to use from several threads.

    Level-triggered: each `apply` reads what HAProxy does and tells it the difference, so that a
    restart of either side, or a hand at the socket, is repaired by the next call.
    """

    def __init__(
        self,
        settings: RouterSettings,
        *,
        shape: Shape | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`shape` is the pool to begin with when HAProxy does not run yet."""
        self._settings = settings
        self._admin = RuntimeSocket(settings.admin_socket)
        self._master = RuntimeSocket(settings.master_socket)
        self._loading = Loading(settings, self._admin, clock)
        self._lock = threading.Lock()
        self._first_shape = shape or Shape()
        self._pool: Pool | None = None
        self._written: Layout | None = None
        self._placed: Mapping[Slot, Endpoint] = {}

    def apply(self, wanted: Routes) -> None:
        """Route exactly the functions of `wanted`, each to its endpoints or to the activator.

        The files that HAProxy starts from are written even when it does not run, so that it
        comes up with these routes.

        Raises:
            Unavailable: HAProxy does not run, or refused something; call again later.
            NoRoom: more functions or replicas are wanted than a router takes.
            TimedOut: the pool had to grow, and HAProxy did not load the new configuration. Where
                it only has other settings, routes are told, and loading is tried again later.
            OSError: the files cannot be written.
        """
        with self._lock:
            try:
                found = self._read()
            except Unavailable:
                self._prepare(wanted)
                raise
            before = self._pool or _found_pool(found)
            self._pool = self._fit(before, wanted)
            busy = self._busy_slots(found, newcomers_backends(self._pool, wanted, found.live))
            layout = lay_out(self._pool, wanted, found.live, busy=busy)
            if lacks_slots(found, layout.shape):
                found = self._reload(layout)
            elif self._loading.is_due():
                found = self._load_settings(layout)
            self._admin.tell(decide_commands(self._settings, found, layout))
            self._placed = {**_addresses(found), **layout.live}
            self._write(layout)

    def in_flight(
        self, replicas: Collection[tuple[FunctionName, Endpoint]]
    ) -> Mapping[Endpoint, int]:
        """Return how many requests are in flight at each replica, routed any more or not.

        Those that its function's activator passes on are counted as its own: they may be.
        Requests in the hands of a worker that is being replaced after a growth are not seen.

        Raises:
            Unavailable: HAProxy does not answer.
        """
        with self._lock:
            slots = {endpoint: self._slots_of(name, endpoint) for name, endpoint in replicas}
            counts = self._count({backend for found in slots.values() for backend, _ in found})
        return {at: sum(counts.get(slot, 0) for slot in found) for at, found in slots.items()}

    def find_worker(self) -> Worker | None:
        """Return the process of HAProxy that serves now, or None; cheap enough to ask often."""
        try:
            return get_worker(self._admin)
        except Unavailable:
            return None

    def find_routed(self) -> Mapping[FunctionName, Collection[Endpoint]]:
        """Return the endpoints that HAProxy sends requests to now; nothing where it does not run.

        What its own checks found dead is left out.
        """
        try:
            found = self._read()
        except Unavailable:
            return {}
        functions = {backend: name for name, backend in found_functions(found).items()}
        routed: dict[FunctionName, set[Endpoint]] = {name: set() for name in functions.values()}
        for slot, endpoint in found.live.items():
            if slot[0] in functions and found.servers[slot].up:
                routed[functions[slot[0]]].add(endpoint)
        return routed

    def _read(self) -> Found:
        entries, servers = self._admin.ask(
            f"show map {self._settings.map_file}", "show servers state"
        )
        return Found(entries=parse_map(entries), servers=parse_servers(servers))

    def _prepare(self, wanted: Routes) -> None:
        self._pool = self._fit(self._pool or make_pool(self._first_shape, {}), wanted)
        live = self._written.live if self._written else {}
        self._write(lay_out(self._pool, wanted, live))

    def _fit(self, pool: Pool, wanted: Routes) -> Pool:
        newcomers = wanted.keys() - pool.held.keys()
        busy = self._busy() if newcomers else frozenset()
        occupied = len(pool.held.keys() & wanted.keys()) + len(busy & set(pool.free))
        leaving = len(pool.held.keys() - wanted.keys())
        shape = grown(
            pool.shape,
            backends=occupied + leaving + len(newcomers),
            slots=max(map(len, wanted.values()), default=0),
        )
        if shape != pool.shape:
            pool = make_pool(shape, pool.held)
        return reassign(pool, wanted, busy=busy)

    def _busy(self) -> frozenset[str]:
        """Backends with requests in flight; none while HAProxy does not run."""
        try:
            return frozenset(name for name, current in self._count_backends().items() if current)
        except Unavailable:
            return frozenset()

    def _reload(self, layout: Layout) -> Found:
        log.info("the router loads a new configuration, its pool is %s", layout.shape)
        self._write(layout)
        reload(self._admin, self._master)
        return self._read()

    def _load_settings(self, layout: Layout) -> Found:
        try:
            return self._reload(layout)
        except (TimedOut, Unavailable) as error:
            pause = self._loading.note_failure()
            log.warning("the router keeps the settings it has, next try in %g s: %s", pause, error)
            return self._read()

    def _write(self, layout: Layout) -> None:
        if layout != self._written or not self._settings.config_file.exists():
            write_files(self._settings, layout)
            self._written = layout

    def _busy_slots(self, found: Found, backends: Sequence[str]) -> Collection[Slot]:
        """Return the slots of these backends in which requests are left of a replica that left."""
        left = [slot for slot in _addresses(found) if slot not in found.live]
        counts = self._count({backend for backend, _ in left if backend in backends})
        return [slot for slot in left if counts.get(slot)]

    def _slots_of(self, function: FunctionName, endpoint: Endpoint) -> Collection[Slot]:
        """Return where a replica's requests are; those of a deleted function are in no one's."""
        pool = self._pool or make_pool(self._first_shape, {})
        own = {pool.held[function]} if function in pool.held else set(pool.free)
        slots = {slot for slot, at in self._placed.items() if at == endpoint and slot[0] in own}
        backends = own if function in pool.held else {backend for backend, _ in slots}
        return slots | {(backend, ACTIVATOR) for backend in backends}

    def _count(self, backends: Collection[str]) -> Mapping[Slot, int]:
        """Return the requests in flight at each server of some backends."""
        if not backends:
            return {}
        answers = self._admin.ask(*(f"show stat {backend} 4 -1" for backend in sorted(backends)))
        rows = (row for answer in answers for row in parse_stats(answer))
        return {(row.backend, row.server): row.current + row.queued for row in rows}

    def _count_backends(self) -> Mapping[str, int]:
        (answer,) = self._admin.ask("show stat -1 2 -1")
        return {row.backend: row.current for row in parse_stats(answer)}


def _found_pool(found: Found) -> Pool:
    return make_pool(found_shape(found), found_functions(found))


def _addresses(found: Found) -> Mapping[Slot, Endpoint]:
    """Return who is in each slot, or was the last in it."""
    return {
        slot: state.endpoint
        for slot, state in found.servers.items()
        if state.endpoint is not None and slot[1] != ACTIVATOR
    }
