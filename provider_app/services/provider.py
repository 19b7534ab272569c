"""All of the provider's services together, started and ended in order."""

import fcntl
import logging
from contextlib import ExitStack
from pathlib import Path

from faasd.node.open import Node
from provider_app.config import STREAMS, ProviderConfig
from provider_app.services.database import Database
from provider_app.services.departures import Departures
from provider_app.services.functions import Functions
from provider_app.services.logs import Logs
from provider_app.services.namespace_store import NamespaceStore
from provider_app.services.namespaces import Namespaces
from provider_app.services.proxy import Proxy
from provider_app.services.reconciler import Reconciler
from provider_app.services.replicas import Replicas
from provider_app.services.secrets import Secrets
from provider_app.services.store import Store
from provider_app.services.streams import Streams

log = logging.getLogger(__name__)


class Provider:
    """The functions of a node, kept as they are wanted until `close`."""

    def __init__(self, node: Node, config: ProviderConfig) -> None:
        self.node = node
        with ExitStack() as undo:
            self._hold_alone(config, undo)
            database = Database(config.database)
            undo.callback(database.close)
            store = Store(database)
            replicas = Replicas()
            self.secrets = Secrets(config.secrets_directory, store, node.workloads.update_secret)
            self.secrets.catch_up()
            self._reconciler = Reconciler(node, store, replicas, config)
            self.functions = Functions(node, store, replicas, config, self._reconciler.wake)
            departing = NamespaceStore(database)
            departures = Departures(node, departing, self.secrets, self._reconciler.is_busy)
            self.namespaces = Namespaces(node, departing, departures, self._reconciler.wake)
            self.streams = Streams(STREAMS)
            self.logs = Logs(node.logs, store, self.streams)
            self.proxy = Proxy(self.functions, replicas, config)
            undo.callback(self.proxy.close)
            undo.callback(self._reconciler.close)
            undo.callback(departures.close)
            undo.callback(self.streams.end)
            self._reconciler.start()
            departures.start()
            self._undo = undo.pop_all()

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
