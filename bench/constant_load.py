"""Calls at a constant rate, whatever the answers take.

Each call has its moment; one that cannot begin then, as those before it are not over, begins later
and counts from its moment on. So a stall is seen by all the calls that it would have met.
"""

import http.client
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

CALLERS = 8
PATIENCE = 10.0
OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: when it was due, on the monotonic clock, and milliseconds until its answer.

    Attributes:
        problem: empty where it was answered with 200.
    """

    due: float
    taken: float
    problem: str = ""


@dataclass(slots=True)
class Calls:
    """What a load has seen so far."""

    seen: list[Call] = field(default_factory=list)

    def between(self, begin: float, end: float) -> Sequence[Call]:
        """Return the calls that were due between two moments of the monotonic clock."""
        return [call for call in list(self.seen) if begin <= call.due < end]


def failed(calls: Sequence[Call]) -> Sequence[str]:
    """Return what went wrong with those that were not answered with 200."""
    return [call.problem for call in calls if call.problem]


@contextmanager
def constant_load(port: int, path: str, rate: float) -> Iterator[Calls]:
    """Call `rate` times a second for as long as the block runs, over kept connections."""
    calls, stop = Calls(), threading.Event()
    begin = time.monotonic() + 0.05
    threads = [
        threading.Thread(
            target=_Caller(port, path, calls, stop).run,
            args=(begin + number / rate, CALLERS / rate),
        )
        for number in range(CALLERS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield calls
    finally:
        stop.set()
        for thread in threads:
            thread.join(2 * PATIENCE)


class _Caller:
    """One of those who call: one call after another, each when it is due."""

    def __init__(self, port: int, path: str, calls: Calls, stop: threading.Event) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._path, self._calls, self._stop = path, calls, stop

    def run(self, due: float, every: float) -> None:
        """Call until stopped."""
        while not self._stop.wait(max(due - time.monotonic(), 0)):
            problem = self._call()
            taken = (time.monotonic() - due) * 1000
            self._calls.seen.append(Call(due=due, taken=taken, problem=problem))
            due += every
        self._connection.close()

    def _call(self) -> str:
        try:
            self._connection.request("GET", self._path)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            return repr(error)
        return "" if answer.status == OK else str(answer.status)
