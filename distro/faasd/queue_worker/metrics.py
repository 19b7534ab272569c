"""What Prometheus is told of the queue (docs/queue.md has the names)."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

_WAITS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200)
_PER_FUNCTION = ("function_name",)


class Metrics:
    """Counts of this process, and gauges of the streams at the time they were asked."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._waits = Histogram(
            "faasd_queue_wait_seconds",
            "From acceptance to the first try.",
            _PER_FUNCTION,
            buckets=_WAITS,
            registry=registry,
        )
        self._completed = Counter(
            "faasd_queue_completed",
            "Calls that a function answered.",
            (*_PER_FUNCTION, "code"),
            registry=registry,
        )
        self._again = Counter(
            "faasd_queue_retries",
            "Tries that are followed by another.",
            _PER_FUNCTION,
            registry=registry,
        )
        self._dead = Counter(
            "faasd_queue_dead", "Calls that became dead letters.", _PER_FUNCTION, registry=registry
        )
        self._callbacks = Counter(
            "faasd_queue_callbacks",
            "Answers posted to callbacks, by what came of it.",
            ("outcome",),
            registry=registry,
        )
        self._in_flight = Gauge("faasd_queue_in_flight", "Calls being made.", registry=registry)
        self._pending = Gauge(
            "faasd_queue_pending",
            "Calls in the queue, those in flight included.",
            registry=registry,
        )
        self._bytes = Gauge("faasd_queue_bytes", "Bytes of the queue.", registry=registry)
        self._letters = Gauge(
            "faasd_queue_dead_letters", "Dead letters that are kept.", registry=registry
        )
        self._connected = Gauge("faasd_queue_connected", "1 if NATS is there.", registry=registry)

    def waited(self, key: str, seconds: float) -> None:
        """Note how long a call lay in the queue."""
        self._waits.labels(key).observe(seconds)

    def completed(self, key: str, status: int) -> None:
        """Note a call that was answered."""
        self._completed.labels(key, str(status)).inc()

    def again(self, key: str) -> None:
        """Note a try that failed."""
        self._again.labels(key).inc()

    def died(self, key: str) -> None:
        """Note a dead letter."""
        self._dead.labels(key).inc()

    def called_back(self, *, taken: bool) -> None:
        """Note whether a callback took its answer."""
        self._callbacks.labels("taken" if taken else "failed").inc()

    def in_flight(self, count: int) -> None:
        """Set how many calls are being made."""
        self._in_flight.set(count)

    def streams(self, pending: int, size: int, letters: int) -> None:
        """Set what the streams hold."""
        self._connected.set(1)
        self._pending.set(pending)
        self._bytes.set(size)
        self._letters.set(letters)

    def disconnected(self) -> None:
        """Say that the streams could not be asked."""
        self._connected.set(0)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)
