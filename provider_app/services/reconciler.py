"""One thread that sees to it that the node becomes what is wanted.

Level-triggered: it is told *which* function to look at, never what to do about it. It looks at
one when the API changed it, containerd told of one of its containers, a replica became ready, or
a failed one is due; and at all at the start, after containerd was away, and every 30 s.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import ParamSpec

from faasd.base.errors import FaasdError, TimedOut, Unavailable
from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE
from faasd.node.domain.container import TaskState
from faasd.node.domain.events import EventKind, NodeEvent
from faasd.node.open import Node
from provider_app.config import ProviderConfig
from provider_app.domain.function import FunctionKey
from provider_app.domain.probe import read_probe
from provider_app.services.agenda import Agenda
from provider_app.services.keeper import Keeper
from provider_app.services.readiness import Readiness, Watched
from provider_app.services.replicas import Replicas
from provider_app.services.store import Store

WORKERS = 32
"""Functions that are worked on at once; most wait, for a download or for a program to end."""

PERIOD = 30.0
RETRY = 0.3
"""Seconds between tries while containerd does not answer, or not in time."""

ANSWERED = 0.01
"""Seconds that the caller of a function that takes calls again has for it before more is done:
a look takes a part of the same two cores, and of the interpreter."""

PATIENCE = 5.0
"""Seconds that work under way has to end before its calls to containerd are broken off."""

MANAGED = "openfaas"
"""Label of the containerd namespaces that hold functions."""

P = ParamSpec("P")

log = logging.getLogger(__name__)


class Reconciler:
    """Looks, decides and acts until `close`.

    Attributes:
        trouble: why it could not look at all there is; empty where it could.
    """

    def __init__(
        self, node: Node, store: Store, replicas: Replicas, config: ProviderConfig
    ) -> None:
        self._node = node
        self._store = store
        self._replicas = replicas
        self._keeper = Keeper(node, store, replicas, config, self._ask_whether_ready)
        self._ready_timeout = config.ready_timeout
        self._readiness = Readiness(self._is_ready, self._is_late, config.ready_timeout)
        self._agenda = Agenda()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="reconcile")
        self._under_way: set[Future[None]] = set()
        self.trouble = ""
        self._threads = (
            threading.Thread(target=self._run, name="reconciler"),
            threading.Thread(target=self._listen, name="node-events"),
        )

    def start(self) -> None:
        """Begin, in threads of its own."""
        for thread in self._threads:
            thread.start()

    def wake(self, key: FunctionKey) -> None:
        """Let one function be looked at now."""
        self._agenda.add([key])

    def thaw(self, key: FunctionKey) -> bool:
        """Thaw a function in the caller's thread, where it is frozen and nobody is at it.

        Once the caller has its answer it is looked at, as after any change. Tells whether a
        replica was thawed.
        """
        if not self._agenda.take(key):
            return False
        try:
            return self._keeper.rouser.thaw(key)
        except FaasdError as error:
            log.warning("%s: %s", key, error)
            return False
        finally:
            self._agenda.done(key)
            self._agenda.add([key], time.monotonic() + ANSWERED)

    def late(self, now: float) -> float:
        """Return for how many seconds something has been waiting for its thread."""
        return self._agenda.late(now)

    def is_busy(self, namespace: str) -> bool:
        """Tell whether a function of a namespace is being worked on."""
        return self._agenda.is_busy(namespace)

    def close(self) -> None:
        """End what is under way and the threads, and close the node.

        What is broken off is done again at the next start: nothing depends on its end.
        """
        self._agenda.close()
        self._node.events.close()
        for thread in self._threads:
            thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait_for(list(self._under_way), PATIENCE)
        self._node.machine.close()
        self._pool.shutdown(wait=True)
        self._readiness.close()

    def _run(self) -> None:
        while not self._agenda.closed:
            everything, keys = self._agenda.next()
            if everything:
                self._survey()
            for key in keys:
                # Who watches waits neither for a worker nor for containerd.
                self._replicas.tell_untold(key)
                self._submit(self._keep, key)

    def _submit(self, do: Callable[P, None], *args: P.args, **named: P.kwargs) -> None:
        work = self._pool.submit(do, *args, **named)
        self._under_way.add(work)
        work.add_done_callback(self._under_way.discard)

    def _keep(self, key: FunctionKey) -> None:
        again: float | None = None
        try:
            again = self._keeper.keep(key)
            self._ask_whether_ready(key)
        except (Unavailable, TimedOut) as error:
            log.warning("%s: %s", key, error)
            again = time.monotonic() + RETRY
        except Exception:
            # One function's trouble must not stop the others.
            log.exception("%s: unexpected", key)
            again = time.monotonic() + PERIOD
        finally:
            self._agenda.done(key)
        if again is not None:
            self._agenda.add([key], again)

    def _survey(self) -> None:
        """Look at all there is, free what nobody owns, put every function on the agenda."""
        try:
            namespaces = self._namespaces()
            found = [w for namespace in namespaces for w in self._node.workloads.list(namespace)]
            self._node.workloads.sweep(namespaces)
        except FaasdError as error:
            self.trouble = f"waiting for containerd: {error}"
            log.warning("%s", self.trouble)
            self._agenda.set_everything(time.monotonic() + RETRY)
            return
        except Exception:
            # What no one thought of, of a file say, must not end the thread that all depend on.
            self.trouble = "what there is could not be looked at; the log says why"
            log.exception("looking at all there is: unexpected")
            self._agenda.set_everything(time.monotonic() + PERIOD)
            return
        self.trouble = ""
        self._keeper.groups.see(found)
        keys = {FunctionKey(namespace=w.namespace, name=w.name) for w in found}
        for key in keys:
            own = [w for w in found if (w.namespace, w.name) == (key.namespace, key.name)]
            self._replicas.add(key, own)
        self._replicas.set_known()
        self._agenda.set_everything(time.monotonic() + PERIOD)
        self._agenda.add(keys | set(self._store.list_keys()) | set(self._replicas.list_keys()))

    def _namespaces(self) -> Sequence[str]:
        self._node.namespaces.ensure(DEFAULT_FUNCTION_NAMESPACE, {MANAGED: "true"})
        return [name for name, labels in self._node.namespaces.list().items() if MANAGED in labels]

    def _listen(self) -> None:
        for event in self._node.events.stream():
            self._hear(event)

    def _hear(self, event: NodeEvent) -> None:
        if event.kind is EventKind.RESYNC:
            self._replicas.forget_all_failures()
            self._agenda.add_everything()
        elif event.kind is EventKind.OOM:
            # It asks containerd, and that may take its time: beside what else is to be heard.
            hear = self._keeper.causes.hear_memory_kill
            self._submit(hear, event.namespace, event.container, time.monotonic())
        elif event.kind in (EventKind.EXITED, EventKind.PAUSED):
            # One that was frozen may be thawed by now: it is looked at, and not taken for gone.
            ended = event.kind is EventKind.EXITED
            note = self._replicas.set_gone if ended else self._replicas.find_key
            key = note(event.namespace, event.container)
            if key is not None:
                self._readiness.unwatch(key, event.container)
                self._agenda.add([key])

    def _ask_whether_ready(self, key: FunctionKey) -> None:
        wanted = self._store.find(key)
        probe = read_probe(wanted.deployment.labels if wanted else {})
        for replica in self._replicas.list(key):
            workload = replica.workload
            if replica.ready or workload.state is not TaskState.RUNNING or not workload.address:
                continue
            watched = Watched(
                key=key,
                container=workload.id,
                pid=workload.task.pid,
                address=workload.address,
                probe=probe,
            )
            self._readiness.watch(watched)

    def _is_ready(self, watched: Watched) -> None:
        self._replicas.set_ready(watched.key, watched.container, watched.pid)
        self._agenda.add([watched.key], time.monotonic() + ANSWERED)

    def _is_late(self, watched: Watched) -> None:
        self._replicas.set_late(
            watched.key,
            watched.container,
            watched.pid,
            f"no answer on port 8080 within {self._ready_timeout:g} s of its start",
        )
        self._agenda.add([watched.key])
