"""One thread that keeps the router at what the replicas are, and sees replicas off.

Level-triggered, as the reconciler is: it derives the routes from what is wanted and which replicas
serve, and tells the router the difference. It does so when something changed, when the router's
process is another one, and every 30 s.

A function that is asleep is routed nowhere, though a replica of it may still run: its calls go by
the activator, which wakes it, so that none is cut off when that replica ends.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

from faasd.base.errors import FaasdError, Unavailable
from faasd.router.answers import Worker
from faasd.router.routes import Router
from faasd.router.wanted import Endpoint, FunctionName
from provider_app.domain.function import FunctionKey
from provider_app.services.changes import Changes, Watchers
from provider_app.services.farewell import Farewell, find_endpoint, name_of
from provider_app.services.replicas import Replicas
from provider_app.services.router_directory import RouterDirectory
from provider_app.services.store import Store

ABSENT = "the router does not run; the files it starts from are kept up to date"
LOOK_EVERY = 0.5
"""Seconds between looks at the router's process, and between tries of what it refused."""

YIELDS = 0.004
"""Seconds after a change in which others go first: who waits for a call comes by the activator, and
is told of a replica by the gateway's stream. Reading HAProxy's state takes the interpreter."""

PERIOD = 30.0
Routes = dict[FunctionName, tuple[Endpoint, ...]]

log = logging.getLogger(__name__)


class Routing:
    """Routes what serves until `close`.

    Args:
        drained: called with a function of which a replica has no requests left.
    """

    def __init__(
        self,
        router: Router,
        directory: RouterDirectory,
        store: Store,
        replicas: Replicas,
        drained: Callable[[FunctionKey], None],
    ) -> None:
        self._router = router
        self._directory = directory
        self._store = store
        self._replicas = replicas
        self._farewell = Farewell(replicas, self.count_in_flight, drained)
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._routes: Routes = {}
        self._told: Routes | None = None
        """What the router was told, or its files say where it does not run."""
        self._worker: Worker | None = None
        self._look_at = self._everything_at = self._retry_at = 0.0
        self._trouble = ""

    @contextmanager
    def running(self, watchers: Watchers) -> Iterator[None]:
        """Route for as long as the block runs."""
        with watchers.watch() as changes:
            self._thread = threading.Thread(target=self._run, args=(changes,), name="routing")
            self._thread.start()
            try:
                yield
            finally:
                self._closed.set()
                changes.wake()
                self._thread.join()

    def _run(self, changes: Changes) -> None:
        pause = 0.0
        while not self._closed.is_set():
            keys = changes.take(pause)
            if keys and self._closed.wait(YIELDS):
                break
            pause = LOOK_EVERY
            if self._closed.is_set() or not self._replicas.known:
                continue
            try:
                pause = min(self._turn(keys), LOOK_EVERY)
            except FaasdError as error:
                self._look_again(str(error))
            except Exception:
                log.exception("routing: unexpected")
                self._look_again("")

    def _look_again(self, trouble: str) -> None:
        """Begin with everything at the next turn: what had changed is not known any more."""
        self._complain(trouble)
        self._everything_at = 0.0

    def _turn(self, keys: Collection[FunctionKey]) -> float:
        """Route what changed; return after how many seconds to look again at the latest."""
        # Listed before the routes are derived: whoever is listed is in none of them.
        leaving = self._replicas.list_leaving()
        self._derive(keys)
        self._look_at_worker()
        if self._routes != self._told and time.monotonic() >= self._retry_at:
            self._tell()
        return self._farewell.look(leaving, settled=self._routes == self._told)

    def _derive(self, keys: Collection[FunctionKey]) -> None:
        now = time.monotonic()
        if now >= self._everything_at:
            self._everything_at = now + PERIOD
            self._told = None
            self._routes.clear()
            keys = self._store.list_keys()
        for key in keys:
            name = name_of(key)
            self._retry_at = 0.0
            replicas = self._store.find_replicas(key)
            if replicas is None:
                self._routes.pop(name, None)
            else:
                self._routes[name] = self._endpoints(key) if replicas else ()

    def _endpoints(self, key: FunctionKey) -> tuple[Endpoint, ...]:
        endpoints = map(find_endpoint, self._replicas.ready(key))
        return tuple(sorted(endpoint for endpoint in endpoints if endpoint is not None))

    def _look_at_worker(self) -> None:
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_EVERY
        worker = self._router.find_worker()
        if worker != self._worker:
            self._worker = worker
            self._told = None

    def _tell(self) -> None:
        """Tell the router, or at least the files that it starts from."""
        try:
            self._directory.prepare()
            self._router.apply(self._routes)
        except (FaasdError, OSError) as error:
            self._retry_at = time.monotonic() + LOOK_EVERY
            trouble = str(error)
            if isinstance(error, Unavailable) and self._router.find_worker() is None:
                self._worker, self._told = None, dict(self._routes)
                trouble = ABSENT
            self._complain(trouble)
        else:
            self._told = dict(self._routes)
            if self._trouble:
                log.info("routing: all is well again, %s functions are routed", len(self._told))
            self._trouble = ""

    def _complain(self, trouble: str) -> None:
        """Say once what is wrong, not each time."""
        if trouble != self._trouble:
            log.warning("routing: %s", trouble)
        self._trouble = trouble

    def count_in_flight(
        self, replicas: Collection[tuple[FunctionName, Endpoint]]
    ) -> Mapping[Endpoint, int] | None:
        """Return what is in flight in the router, or None where it does not run."""
        try:
            return self._router.in_flight(replicas)
        except Unavailable:
            return None
