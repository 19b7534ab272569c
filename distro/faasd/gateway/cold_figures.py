"""What Prometheus is told of functions that are being woken."""

from collections.abc import Iterator
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric


class Waking(Protocol):
    """Knows who waits for a function: `faasd.gateway.activator.Activator`."""

    @property
    def waiting(self) -> int:
        """Callers that wait for a function."""

    @property
    def connections(self) -> int:
        """Callers that the activator serves, those that wait included."""

    @property
    def awakened(self) -> int:
        """How often the provider was asked to wake a function."""


def cold_figures(waking: Waking) -> Iterator[Metric]:
    """Yield the figures as they are now."""
    yield GaugeMetricFamily(
        "faasd_activator_waiting", "Callers that wait for a function", value=waking.waiting
    )
    yield GaugeMetricFamily(
        "faasd_activator_connections",
        "Callers that the activator serves, those that wait included",
        value=waking.connections,
    )
    yield CounterMetricFamily(
        "faasd_activator_awakened",
        "How often the provider was asked to wake a function",
        value=waking.awakened,
    )
