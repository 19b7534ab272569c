"""The provider's own figures, in Prometheus' text format."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from faasd.base.errors import FaasdError, NotFound
from faasd.node.open import Node
from provider_app.services.functions import Functions
from provider_app.services.memory_watch import MemoryWatch
from provider_app.services.store import Store
from provider_app.services.streams import Streams

CONTENT_TYPE = CONTENT_TYPE_LATEST
BUCKETS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0)
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"))
STATES = ("pending", "pulling", "starting", "ready", "degraded", "failed", "asleep")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A request that was answered.

    Attributes:
        route: as OpenAPI writes it, ``/system/function/{name}``; empty where there is none.
        seconds: until the answer began.
    """

    method: str
    route: str
    status: int
    seconds: float


class Metrics:
    """Counts requests, and looks at the rest when it is asked. Thread-safe."""

    def __init__(
        self,
        node: Node,
        store: Store,
        functions: Functions,
        streams: Streams,
        memory: MemoryWatch,
    ) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "http_requests",
            "Requests that the provider answered.",
            ("method", "path", "code"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "http_request_duration_seconds",
            "From a request to the beginning of its answer.",
            ("method", "path"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._registry.register(_NodeCollector(node, store, functions, streams, memory))
        ProcessCollector(registry=self._registry)

    def count(self, answered: Answered) -> None:
        """Count a request."""
        method = answered.method if answered.method in METHODS else "OTHER"
        path = answered.route or "none"
        self._requests.labels(method, path, str(answered.status)).inc()
        self._seconds.labels(method, path).observe(answered.seconds)

    def render(self) -> bytes:
        """Return all figures of now."""
        return generate_latest(self._registry)


class _NodeCollector(Collector):
    """What is counted when it is asked for."""

    def __init__(
        self,
        node: Node,
        store: Store,
        functions: Functions,
        streams: Streams,
        memory: MemoryWatch,
    ) -> None:
        self._node = node
        self._store = store
        self._functions = functions
        self._streams = streams
        self._memory = memory

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(
            "faasd_containerd_up", "Whether containerd answers.", float(self._is_up())
        )
        yield GaugeMetricFamily(
            "faasd_followers", "Logs that are being followed.", float(self._streams.taken)
        )
        use = self._functions.room.use()
        yield GaugeMetricFamily(
            "faasd_memory_room_bytes", "What all replicas may ask for.", float(use.budget.room)
        )
        yield GaugeMetricFamily(
            "faasd_memory_requested_bytes", "What all replicas ask for.", float(use.requested)
        )
        yield GaugeMetricFamily(
            "faasd_memory_short", "Whether memory is short.", float(self._memory.short)
        )
        yield from self._collect_functions()

    def _collect_functions(self) -> Iterator[GaugeMetricFamily]:
        states = GaugeMetricFamily(
            "faasd_functions", "Functions, by their state.", labels=["state"]
        )
        wanted = GaugeMetricFamily(
            "faasd_function_replicas", "Replicas that are wanted.", labels=["function_name"]
        )
        available = GaugeMetricFamily(
            "faasd_function_replicas_available", "Replicas that answer.", labels=["function_name"]
        )
        counts = dict.fromkeys(STATES, 0)
        for key in self._store.list_keys():
            try:
                view = self._functions.describe(key)
            except NotFound:  # Removed just now.
                continue
            counts[view.state.word] = counts.get(view.state.word, 0) + 1
            wanted.add_metric([str(key)], float(view.function.replicas))
            available.add_metric([str(key)], float(view.state.available))
        for state, count in counts.items():
            states.add_metric([state], float(count))
        yield from (states, wanted, available)

    def _is_up(self) -> bool:
        try:
            self._node.machine.version()
        except FaasdError:
            return False
        return True
