"""What Prometheus is told, with the names that OpenFaaS dashboards use (docs/gateway.md)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import generate_latest

from faasd.gateway.account import Account
from faasd.gateway.book import Book
from faasd.gateway.log_line import BOUNDS
from faasd.router.tally import FunctionStats
from faasd.router.wanted import FunctionName

_BOUNDS = (*(str(bound) for bound in BOUNDS), "+Inf")

Source = Callable[[], Iterable[Metric]]
"""Figures of another part of the gateway, as they are now."""


class Wanted(Protocol):
    """A function that the provider knows."""

    @property
    def key(self) -> str:
        """``NAME.NAMESPACE``."""

    @property
    def replicas(self) -> int:
        """How many it should have."""


class Wants(Protocol):
    """Knows which functions there are: `faasd.gateway.routes.Routes`."""

    def entries(self) -> Sequence[Wanted]:
        """Return them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All figures at one moment, to be written down in a thread of their own."""

    accounts: Mapping[FunctionName, Account]
    stats: Mapping[FunctionName, FunctionStats]
    replicas: Mapping[str, int]
    others: Sequence[Metric]

    def collect(self) -> Iterator[Metric]:
        """Yield them as the Prometheus client wants them."""
        yield _invocations(self.accounts)
        yield _seconds(self.accounts)
        yield _started(self.accounts)
        yield _gauge("gateway_service_count", "Replicas wanted", self.replicas.items())
        now = [(str(function), found) for function, found in self.stats.items()]
        yield _gauge(
            "faasd_function_in_flight",
            "Requests of a function that are not answered yet, those that wait included",
            ((name, found.current) for name, found in now),
        )
        yield _gauge(
            "faasd_function_queued",
            "Requests that wait for a replica to have room",
            ((name, found.queued) for name, found in now),
        )
        yield from self.others

    def render(self) -> bytes:
        """Return them as text."""
        return generate_latest(self)  # type: ignore[arg-type]  # all it needs is `collect`


def take_snapshot(book: Book, wants: Wants, sources: Iterable[Source]) -> Snapshot:
    """Return the figures as they are now."""
    return Snapshot(
        accounts=dict(book.accounts),
        stats=dict(book.stats),
        replicas={entry.key: entry.replicas for entry in wants.entries()},
        others=[metric for source in sources for metric in source()],
    )


def _invocations(accounts: Mapping[FunctionName, Account]) -> Metric:
    metric = CounterMetricFamily(
        "gateway_function_invocation",
        "Answers of a function, by status",
        labels=("function_name", "code"),
    )
    for function, account in accounts.items():
        for code, count in sorted(account.codes.items()):
            metric.add_metric((str(function), str(code)), count)
    return metric


def _seconds(accounts: Mapping[FunctionName, Account]) -> Metric:
    metric = HistogramMetricFamily(
        "gateway_functions_seconds",
        "How long calls took; those with 200 are estimated from one in 100",
        labels=("function_name", "code"),
    )
    for function, account in accounts.items():
        for code, found in sorted(account.histograms.items()):
            counts = (round(count, 3) for count in accumulate(found.buckets))
            cumulated = list(zip(_BOUNDS, counts, strict=True))
            metric.add_metric((str(function), str(code)), cumulated, found.seconds)
    return metric


def _started(accounts: Mapping[FunctionName, Account]) -> Metric:
    """A counter by another name than counters have: the client would append `_total`."""
    name = "gateway_function_invocation_started"
    metric = Metric(name, "Calls that came in", "unknown")
    for function, account in accounts.items():
        metric.add_sample(name, {"function_name": str(function)}, account.started)
    return metric


def _gauge(name: str, text: str, values: Iterable[tuple[str, float]]) -> Metric:
    metric = GaugeMetricFamily(name, text, labels=("function_name",))
    for function, value in values:
        metric.add_metric((function,), value)
    return metric
