"""All of the provider's services together, started and ended in order."""

import fcntl
import logging
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from faasd.node.open import Node
from faasd.router.routes import Router
from provider_app.config import STREAMS, ProviderConfig
from provider_app.services.changes import Watchers
from provider_app.services.claims import Claims
from provider_app.services.cpu_times import CpuTimes
from provider_app.services.database import Database
from provider_app.services.departures import Departures
from provider_app.services.following import Following
from provider_app.services.functions import Functions
from provider_app.services.health import Health
from provider_app.services.last_words import LastWords
from provider_app.services.logs import Logs
from provider_app.services.memory_watch import MemoryWatch
from provider_app.services.metrics import Metrics
from provider_app.services.namespace_store import NamespaceStore
from provider_app.services.namespaces import Namespaces
from provider_app.services.proxy import Proxy
from provider_app.services.reconciler import Reconciler
from provider_app.services.replicas import Replicas
from provider_app.services.room import Room
from provider_app.services.route_feed import RouteFeed
from provider_app.services.router_directory import (
    RouterDirectory,
    find_served,
    router_settings,
)
from provider_app.services.routing import Routing
from provider_app.services.secrets import Secrets
from provider_app.services.store import Store
from provider_app.services.streams import Streams
from provider_app.services.waking import Waking

log = logging.getLogger(__name__)


class Provider:
    """The functions of a node, kept as they are wanted until `close`.

    Args:
        node: the machine.
        config: the settings.
        open_database: called with its path; tests count what it is asked, and cut it off.
    """

    def __init__(
        self,
        node: Node,
        config: ProviderConfig,
        open_database: Callable[[str], Database] = Database,
    ) -> None:
        self.node = node
        with ExitStack() as undo:
            self._hold_alone(config, undo)
            database = open_database(config.database)
            undo.callback(database.close)
            store = Store(database)
            watchers = Watchers()
            router = Router(router_settings(config))
            self.replicas = replicas = Replicas(watchers, find_served(router))
            self.secrets = Secrets(config.secrets_directory, store, node.workloads.update_secret)
            self.secrets.catch_up()
            self._reconciler = Reconciler(node, store, replicas, config)
            waking = Waking(self._reconciler, watchers)
            claims = Claims(database, store)
            room = Room(claims, store.sleeps, node.machine.memory(), config)
            self.functions = Functions(node, store, replicas, config, room, waking)
            self.memory = MemoryWatch(claims, store.sleeps, config, waking.wake)
            departing = NamespaceStore(database)
            departures = Departures(node, departing, self.secrets, self._reconciler.is_busy)
            self.namespaces = Namespaces(node, departing, departures, waking.wake)
            self.streams = Streams(STREAMS)
            self.last_words = LastWords(node.logs)
            self.logs = Logs(node.logs, store, self.streams)
            self.health = Health(self._reconciler, store, self.functions)
            self.metrics = Metrics(node, store, self.functions, self.streams, self.memory)
            self.proxy = Proxy(self.functions, replicas, config)
            self.cpu_times = CpuTimes(node, store, replicas)
            self.routes = RouteFeed(self.functions, store, replicas, watchers, self.memory)
            directory = RouterDirectory(config.router_directory)
            routing = Routing(router, directory, store, replicas, self._reconciler.wake)
            self.following = Following(self.functions, replicas, routing.count_in_flight)
            undo.callback(self.proxy.close)
            undo.callback(self._reconciler.close)
            undo.callback(departures.close)
            undo.enter_context(routing.running(watchers))
            undo.callback(self.end_streams)
            undo.callback(self.memory.close)
            self._start(departures)
            self._undo = undo.pop_all()

    def _start(self, departures: Departures) -> None:
        self._reconciler.start()
        departures.start()
        self.memory.start()

    def end_streams(self) -> None:
        """Let answers that go on for long end soon; safe in a signal's handler."""
        self.streams.end()
        self.routes.streams.end()

    def close(self) -> None:
        """End the reconciler, then everything it stands on."""
        self._undo.close()

    def _hold_alone(self, config: ProviderConfig, undo: ExitStack) -> None:
        """Hold the lock of the database: two reconcilers would undo each other's work."""
        path = Path(f"{config.database}.lock")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = undo.enter_context(path.open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("another provider holds %s; waiting for its end", path)
            fcntl.flock(lock, fcntl.LOCK_EX)
