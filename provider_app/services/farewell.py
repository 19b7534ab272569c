"""Replicas that are sent no more requests, until their last ones have ended."""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence

from faasd.router.wanted import Endpoint, FunctionName
from provider_app.domain.function import FunctionKey
from provider_app.domain.replica import Replica
from provider_app.services.replicas import Replicas

PORT = 8080
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.2
"""Seconds between looks at a replica that leaves: a tenth of the time it took so far."""

log = logging.getLogger(__name__)

Who = tuple[FunctionKey, str]
CountInFlight = Callable[[Collection[tuple[FunctionName, Endpoint]]], Mapping[Endpoint, int] | None]
"""Returns what the router has in flight; None where it does not run."""


class Farewell:
    """Waits for the last requests of each replica that leaves; no thread waits with it.

    Args:
        drained: called with the function of a replica that has none left, or had its time.
    """

    def __init__(
        self, replicas: Replicas, count: CountInFlight, drained: Callable[[FunctionKey], None]
    ) -> None:
        self._replicas = replicas
        self._count = count
        self._drained = drained
        self._idle: frozenset[Who] = frozenset()

    def look(self, leaving: Sequence[Replica], *, settled: bool) -> float:
        """Let go of those that are idle; return after how many seconds to look again.

        Args:
            leaving: replicas that are in no route.
            settled: whether the router was told so.
        """
        if not leaving:
            self._idle = frozenset()
            return float("inf")
        now = time.monotonic()
        idle = self._find_idle(leaving) if settled else frozenset()
        for replica in leaving:
            if now > replica.drain_until:
                log.info("%s: %s still has requests, and no more time", replica.key, replica.id)
            elif _who(replica) not in idle:
                continue
            self._replicas.set_drained(replica)
            self._drained(replica.key)
        youngest = min(now - (replica.withdrawn_at or now) for replica in leaving)
        return min(max(youngest / 10, FIRST_PAUSE), LONGEST_PAUSE)

    def _find_idle(self, leaving: Sequence[Replica]) -> frozenset[Who]:
        """Return those that are idle at the second look in a row.

        At the first, a request may be between HAProxy's choice of a server and its count.
        """
        at = {_who(replica): find_endpoint(replica) for replica in leaving}
        counts = self._count([(name_of(key), end) for (key, _), end in at.items() if end])
        idle = frozenset(
            _who(replica)
            for replica in leaving
            if not self._replicas.count_calls(replica) and not _count_at(counts, at[_who(replica)])
        )
        before, self._idle = self._idle, idle
        return idle if counts is None else idle & before


def _who(replica: Replica) -> Who:
    return replica.key, replica.id


def _count_at(counts: Mapping[Endpoint, int] | None, endpoint: Endpoint | None) -> int:
    return counts.get(endpoint, 0) if counts is not None and endpoint is not None else 0


def name_of(key: FunctionKey) -> FunctionName:
    """Return what the router calls a function."""
    return FunctionName(name=key.name, namespace=key.namespace)


def find_endpoint(replica: Replica) -> Endpoint | None:
    """Return where a replica listens; None while it has no address."""
    address = replica.workload.address
    return Endpoint(address=address, port=PORT) if address else None
