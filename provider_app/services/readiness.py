"""Finding out when a replica answers.

Ready is: `GET /_/health`, or where it is absent `/_/ready`, answers 200; where both are absent
(404, or no HTTP at all), the port accepts connections. Labels name another path and a delay.
"""

import http.client
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus

from provider_app.domain.function import FunctionKey
from provider_app.domain.probe import Probe, pauses

PORT = 8080
MAX_PROBES = 64
REQUEST_TIMEOUT = 2.0
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
        self._lock = threading.Lock()
        self._watched: dict[Watched, threading.Event] = {}

    def watch(self, watched: Watched) -> None:
        """Ask until it answers; what is asked already is not asked twice.

        One that was unwatched is asked anew, even while its last question is under way: what was
        heard of an end may have been of the process before.
        """
        with self._lock:
            asked = self._watched.get(watched)
            if asked is not None and not asked.is_set():
                return
            stop = self._watched[watched] = threading.Event()
        self._pool.submit(self._watch, watched, stop)

    def unwatch(self, key: FunctionKey, container: str) -> None:
        """Stop asking a container, of which the process ended."""
        with self._lock:
            for watched, stop in self._watched.items():
                if (watched.key, watched.container) == (key, container):
                    stop.set()

    def close(self) -> None:
        """Stop asking, and wait for the threads."""
        with self._lock:
            for stop in self._watched.values():
                stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _watch(self, watched: Watched, stop: threading.Event) -> None:
        try:
            self._ask_until_ready(watched, stop)
        except Exception:
            log.exception("asking %s whether it is ready", watched.container)
        finally:
            with self._lock:
                if self._watched.get(watched) is stop:
                    del self._watched[watched]

    def _ask_until_ready(self, watched: Watched, stop: threading.Event) -> None:
        if stop.wait(watched.probe.delay):
            return
        late_at = time.monotonic() + self._timeout
        for pause in pauses():
            answers = is_ready(watched.address, watched.probe)
            if stop.is_set():  # Looked at last: it may have ended while it was asked.
                return
            if answers:
                self._ready(watched)
                return
            if time.monotonic() > late_at:
                self._late(watched)
                late_at = float("inf")
            if stop.wait(pause):
                return


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
