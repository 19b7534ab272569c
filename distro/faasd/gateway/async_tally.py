"""How many asynchronous calls were accepted, and how many were not, by status."""

from collections import Counter
from collections.abc import Iterator

from aiohttp import web
from prometheus_client.core import CounterMetricFamily, Metric

from faasd.gateway.answers import Handler, Middleware

PREFIX = "/async-function/"
_ACCEPTED = 202


class AsyncTally:
    """Counts what `/async-function` answers."""

    def __init__(self) -> None:
        self._by_status: Counter[int] = Counter()

    def middleware(self) -> Middleware:
        """Return what sees each answer."""

        @web.middleware
        async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
            response = await handler(request)
            if request.path.startswith(PREFIX):
                self._by_status[response.status] += 1
            return response

        return count

    def metrics(self) -> Iterator[Metric]:
        """Yield the counters, since the gateway began."""
        yield CounterMetricFamily(
            "gateway_async_accepted",
            "Asynchronous calls that are in the queue",
            value=self._by_status[_ACCEPTED],
        )
        rejected = CounterMetricFamily(
            "gateway_async_rejected",
            "Asynchronous calls that were not taken, by status",
            labels=("code",),
        )
        for status, count in sorted(self._by_status.items()):
            if status != _ACCEPTED:
                rejected.add_metric((str(status),), count)
        yield rejected
