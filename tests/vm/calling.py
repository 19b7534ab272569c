"""Someone outside who calls a function all the time."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.e2e.client import Client, Unreachable
from tests.vm.machine import ADDRESS, SLOW

PAUSE = 0.1
"""Seconds between two calls: the guest has work to do beside answering."""


@dataclass
class Calls:
    """What the caller got.

    Attributes:
        failed: an answer other than 200, or what became of the connection.
        longest_gap: seconds between two good answers.
    """

    good: int = 0
    failed: list[str] = field(default_factory=list)
    longest_gap: float = 0.0


@contextmanager
def calling(name: str) -> Iterator[Calls]:
    """Call a function while the block runs."""
    calls, stop = Calls(), threading.Event()
    caller = threading.Thread(target=_call, args=(name, calls, stop), name="caller")
    caller.start()
    try:
        yield calls
    finally:
        stop.set()
        caller.join(60 * SLOW)


def _call(name: str, calls: Calls, stop: threading.Event) -> None:
    client, last = Client(ADDRESS, 8080), time.monotonic()
    while not stop.is_set():
        try:
            status = client.invoke(name).status
        except Unreachable as error:
            calls.failed.append(repr(error))
        else:
            if status == 200:
                calls.good += 1
                calls.longest_gap = max(calls.longest_gap, time.monotonic() - last)
                last = time.monotonic()
            else:
                calls.failed.append(str(status))
        stop.wait(PAUSE)
