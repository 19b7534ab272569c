"""Finding out when a replica answers.

Ready is: `GET /_/health`, or where it is absent `/_/ready`, answers 200; where both are absent
(404, or no HTTP at all), the port accepts connections. Labels name another path and a delay.
"""

import heapq
import http.client
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus

from provider_app.domain.function import FunctionKey
from provider_app.domain.probe import Probe, pauses

PORT = 8080
MAX_PROBES = 64
REQUEST_TIMEOUT = 2.0
HELD = 1.0
"""Seconds for which a replica has a thread of its own, the quickest way; then it takes turns, so
that any number of replicas that never answer keep no other from being asked."""

_ABSENT = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One process that is asked.

    Attributes:
        address: IPv4, on the bridge.
        pid: tells two runs of one container apart.
    """

    key: FunctionKey
    container: str
    pid: int
    address: str
    probe: Probe


@dataclass(slots=True, eq=False, kw_only=True)
class _Asking:
    """How far asking one process has come."""

    watched: Watched
    late_at: float
    held_until: float = 0.0
    pauses: Iterator[float] = field(default_factory=pauses)
    stop: threading.Event = field(default_factory=threading.Event)


class Readiness:
    """Asks replicas until they answer, many at once, in a small pool of threads.

    Args:
        ready: called when one answers.
        late: called when one has not answered for `timeout` seconds; it is asked on.
    """

    def __init__(
        self, ready: Callable[[Watched], None], late: Callable[[Watched], None], timeout: float
    ) -> None:
        self._ready = ready
        self._late = late
        self._timeout = timeout
        self._pool = ThreadPoolExecutor(MAX_PROBES, thread_name_prefix="readiness")
        self._changed = threading.Condition()
        self._watched: dict[Watched, _Asking] = {}
        self._due: list[tuple[float, int, _Asking]] = []
        self._turn = itertools.count()
        self._clock: threading.Thread | None = None
        self._closed = False

    def watch(self, watched: Watched) -> None:
        """Ask until it answers; what is asked already is not asked twice.

        One that was unwatched is asked anew, even while its last question is under way: what was
        heard of an end may have been of the process before.
        """
        begin = time.monotonic() + watched.probe.delay
        with self._changed:
            if watched not in self._watched:
                asking = _Asking(
                    watched=watched, late_at=begin + self._timeout, held_until=begin + HELD
                )
                self._watched[watched] = asking
                self._ask_in(watched.probe.delay, asking)

    def unwatch(self, key: FunctionKey, container: str) -> None:
        """Stop asking a container, of which the process ended."""
        with self._changed:
            ended = [w for w in self._watched if (w.key, w.container) == (key, container)]
            for watched in ended:
                self._watched.pop(watched).stop.set()

    def close(self) -> None:
        """Stop asking, and wait for the threads."""
        with self._changed:
            self._closed = True
            for asking in self._watched.values():
                asking.stop.set()
            self._changed.notify()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._clock is not None:
            self._clock.join()

    def _ask_in(self, seconds: float, asking: _Asking) -> None:
        """Ask in a while; the lock is held."""
        if self._closed:
            return
        if seconds <= 0:
            self._pool.submit(self._ask, asking)
            return
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._turn), asking))
        self._changed.notify()
        if self._clock is None:
            self._clock = threading.Thread(target=self._keep_time, name="readiness-clock")
            self._clock.start()

    def _keep_time(self) -> None:
        """Give each replica that takes turns a thread when it is due."""
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                while self._due and self._due[0][0] <= now:
                    asking = heapq.heappop(self._due)[-1]
                    if not asking.stop.is_set():
                        self._pool.submit(self._ask, asking)
                self._changed.wait(self._due[0][0] - now if self._due else None)

    def _ask(self, asking: _Asking) -> None:
        again: float | None = None
        try:
            again = self._ask_for_a_while(asking)
        except Exception:
            log.exception("asking %s whether it is ready", asking.watched.container)
        with self._changed:
            if self._watched.get(asking.watched) is not asking:
                return
            if again is None:
                del self._watched[asking.watched]
            else:
                self._ask_in(again, asking)

    def _ask_for_a_while(self, asking: _Asking) -> float | None:
        """Return after how many seconds to ask again; None where that is over."""
        watched = asking.watched
        for pause in asking.pauses:
            answers = is_ready(watched.address, watched.probe)
            if asking.stop.is_set():  # Looked at last: it may have ended while it was asked.
                return None
            if answers:
                self._ready(watched)
                return None
            now = time.monotonic()
            if now > asking.late_at:
                self._late(watched)
                asking.late_at = float("inf")
            if now > asking.held_until:
                return pause
            if asking.stop.wait(pause):
                return None
        return None


def is_ready(address: str, probe: Probe) -> bool:
    """Ask once."""
    try:
        answers = [_ask(address, path) for path in probe.paths[:1]]
        if answers[0] in _ABSENT and not probe.strict:
            answers += [_ask(address, path) for path in probe.paths[1:]]
    except http.client.HTTPException:
        return not probe.strict  # It accepts connections, and speaks something else.
    except OSError:
        return False
    return HTTPStatus.OK in answers or (not probe.strict and answers[-1] in _ABSENT)


def _ask(address: str, path: str) -> int:
    with closing(http.client.HTTPConnection(address, PORT, timeout=REQUEST_TIMEOUT)) as asking:
        asking.request("GET", path, headers={"Connection": "close", "User-Agent": "faasd-probe"})
        return asking.getresponse().status
