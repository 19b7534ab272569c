"""Removing namespaces that shall be no more, once their last container is gone.

What is to go is written down before: a provider that ends meanwhile goes on at its next start.
"""

import logging
from collections.abc import Callable
from threading import Event, Lock, Thread

from faasd.base.errors import FaasdError
from faasd.node.open import Node
from provider_app.services.namespace_store import NamespaceStore
from provider_app.services.secrets import Secrets

PAUSE = 0.1
LONGEST_PAUSE = 5.0
"""Seconds between tries; each pause is half as long again as the one before."""

log = logging.getLogger(__name__)


class Departures:
    """Removes what is left of namespaces; its thread lives only while there are any.

    Args:
        is_busy: tells whether a function of a namespace is being worked on.
    """

    def __init__(
        self,
        node: Node,
        store: NamespaceStore,
        secrets: Secrets,
        is_busy: Callable[[str], bool],
    ) -> None:
        self._node = node
        self._store = store
        self._secrets = secrets
        self._is_busy = is_busy
        self._closed = Event()
        self._lock = Lock()
        self._finishing = Lock()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Go on with what an earlier provider did not finish."""
        with self._lock:
            if self._store.list_leaving() and self._thread is None and not self._closed.is_set():
                self._thread = Thread(target=self._run, name="departures")
                self._thread.start()

    def hurry(self, namespace: str) -> None:
        """Remove a namespace now if nothing runs in it, else as soon as nothing does."""
        self._try(namespace)
        self.start()

    def close(self) -> None:
        """End the thread; what is left to do is done after the next start."""
        self._closed.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        pause = PAUSE
        while not self._closed.wait(pause):
            for namespace in self._store.list_leaving():
                self._try(namespace)
            pause = min(pause * 1.5, LONGEST_PAUSE)
            with self._lock:
                if not self._store.list_leaving():
                    self._thread = None
                    return

    def _try(self, namespace: str) -> None:
        try:
            with self._finishing:
                if namespace in self._store.list_leaving():
                    self._finish(namespace)
        except FaasdError as error:
            log.info("namespace %s is not gone yet: %s", namespace, error)

    def _finish(self, namespace: str) -> None:
        if self._is_busy(namespace) or self._node.workloads.list(namespace):
            return
        self._node.workloads.sweep([namespace])
        self._secrets.remove_all(namespace)
        self._node.namespaces.clear(namespace)
        self._node.namespaces.remove(namespace)
        self._store.forget(namespace)
        log.info("removed namespace %s", namespace)
