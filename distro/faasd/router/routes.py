"""`Router`: makes HAProxy route what is wanted, whatever it did before."""

import logging
import threading
import time
from collections.abc import Callable, Mapping

from faasd.base.errors import NotFound, TimedOut, Unavailable
from faasd.router.answers import Counters, parse_map, parse_servers, parse_stats
from faasd.router.decide import (
    Found,
    decide_commands,
    found_functions,
    found_shape,
    lacks_slots,
)
from faasd.router.files import write_files
from faasd.router.layout import Layout, lay_out
from faasd.router.ledger import read_tally, write_tally
from faasd.router.master import get_worker, reload
from faasd.router.pool import Pool, Shape, grown, make_pool, reassign
from faasd.router.runtime import RuntimeSocket
from faasd.router.settings import RouterSettings
from faasd.router.tally import FunctionStats, Reading, Tally
from faasd.router.wanted import Endpoint, FunctionName, Routes

DRAIN_TIMEOUT = 30.0
_PAUSE = 0.02

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
        self._clock = clock
        self._lock = threading.Lock()
        self._first_shape = shape or Shape()
        self._pool: Pool | None = None
        self._written: Layout | None = None
        self._tally = read_tally(settings.tally_file)

    def apply(self, wanted: Routes) -> None:
        """Route exactly the functions of `wanted`, each to its endpoints or to the activator.

        The files that HAProxy starts from are written even when it does not run, so that it
        comes up with these routes.

        Raises:
            Unavailable: HAProxy does not run, or refused something; call again later.
            NoRoom: more functions or replicas are wanted than a router takes.
            TimedOut: the pool had to grow and HAProxy did not load the new configuration.
            OSError: the files cannot be written.
        """
        with self._lock:
            try:
                found = self._read()
            except Unavailable:
                self._prepare(wanted)
                raise
            before = self._pool or _found_pool(found)
            if before.held.keys() != wanted.keys():
                self._pool = before
                self._count()
            self._pool = self._fit(before, wanted)
            layout = lay_out(self._pool, wanted, found.live)
            if lacks_slots(found, layout.shape):
                found = self._grow(layout)
            self._admin.tell(decide_commands(self._settings, found, layout))
            self._write(layout)

    def drain(
        self, function: FunctionName, endpoint: Endpoint, *, timeout: float = DRAIN_TIMEOUT
    ) -> None:
        """Send no more requests to a replica; return when none is in flight there.

        The caller leaves the endpoint out of what it applies next.

        Raises:
            NotFound: that function has no such live endpoint.
            TimedOut: requests were still in flight after `timeout` seconds; no new ones come.
            Unavailable: HAProxy does not answer.
        """
        with self._lock:
            backend, server = self._get_slot(function, endpoint)
            self._admin.tell([f"set server {backend}/{server} state maint"])
        until = self._clock() + timeout
        while in_flight := self._in_flight(backend, server):
            if self._clock() > until:
                raise TimedOut(
                    f"{in_flight} requests of {function} are still in flight at {endpoint} "
                    f"after {timeout:g} s"
                )
            time.sleep(_PAUSE)

    def stats(self) -> Mapping[FunctionName, FunctionStats]:
        """Return the counters of each routed function since it was first routed.

        They go on through restarts of HAProxy and of this program: what was counted after the
        last call and before HAProxy ended is lost, so call it every second or so.

        Raises:
            Unavailable: HAProxy does not answer.
            OSError: the counts cannot be written to disk.
        """
        with self._lock:
            return self._count().totals

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
            return frozenset(row.backend for row in self._backends() if row.current)
        except Unavailable:
            return frozenset()

    def _grow(self, layout: Layout) -> Found:
        log.info("the router's pool grows to %s", layout.shape)
        self._write(layout)
        reload(self._admin, self._master)
        return self._read()

    def _write(self, layout: Layout) -> None:
        if layout != self._written:
            write_files(self._settings, layout)
            self._written = layout

    def _get_slot(self, function: FunctionName, endpoint: Endpoint) -> tuple[str, str]:
        found = self._read()
        backend = dict(found_functions(found)).get(function)
        for slot, there in found.live.items():
            if slot[0] == backend and there == endpoint:
                return slot
        raise NotFound(f"{function} has no live replica at {endpoint}")

    def _in_flight(self, backend: str, server: str) -> int:
        rows = parse_stats(self._admin.ask(f"show stat {backend} 4 -1")[0])
        return sum(row.current for row in rows if row.server == server)

    def _backends(self) -> list[Counters]:
        return list(parse_stats(self._admin.ask("show stat -1 2 -1")[0]))

    def _count(self) -> Tally:
        held = self._pool.held if self._pool else found_functions(self._read())
        rows = {row.backend: row for row in self._backends()}
        reading = Reading(worker=str(get_worker(self._admin)), held=held, rows=rows)
        self._tally = self._tally.advance(reading)
        write_tally(self._settings.tally_file, self._tally)
        return self._tally


def _found_pool(found: Found) -> Pool:
    return make_pool(found_shape(found), found_functions(found))
