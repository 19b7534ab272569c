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
        failed: an answer other than 200, or what became of the connection; with the time of day and
            how long it took, for the guest's journal.
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
        began = time.monotonic()
        said = _outcome(client, name)
        now = time.monotonic()
        if said == "200":
            calls.good += 1
            calls.longest_gap = max(calls.longest_gap, now - last)
            last = now
        else:
            calls.failed.append(f"{time.strftime('%T')} {said} after {now - began:.1f} s")
        stop.wait(PAUSE)


def _outcome(client: Client, name: str) -> str:
    try:
        return str(client.invoke(name).status)
    except Unreachable as error:
        return repr(error)
