"""What Prometheus is told of scaling."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, Metric


def scaling_figures(done: Mapping[str, int]) -> Iterator[Metric]:
    """Yield how often functions were scaled, by what was done."""
    counter = CounterMetricFamily(
        "faasd_autoscaler_actions",
        "How often functions were put to sleep, and got more or fewer replicas by their load",
        labels=("action",),
    )
    for action, count in done.items():
        counter.add_metric((action,), count)
    yield counter
