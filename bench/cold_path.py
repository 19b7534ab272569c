"""First calls of functions that are asleep, through the node's front door."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from bench.clock import milliseconds_since, wait_for
from bench.figures import Figure
from bench.stand import Stand

CALLERS = 200
OK = 200


def measure_cold(stand: Stand, times: int) -> list[Figure]:
    """Let a function sleep and call it, so many times; then let many callers wait for one start."""
    stand.deploy("asleep")
    stand.front.wait_answers("asleep")
    calls = [_first_call(stand) for _ in range(times)]
    failed = sum(status != OK for status, _ in calls)
    crowd = _crowd(stand)
    stand.delete("asleep")
    return [
        Figure("first call of a sleeping function → 200", [ms for _, ms in calls], goal=150),
        Figure(f"… of {times} such calls, not 200", [failed], unit="", goal=0.5),
        Figure(f"{CALLERS} callers at once of one: each → 200", [ms for _, ms in crowd]),
        Figure("… of them, not 200", [sum(s != OK for s, _ in crowd)], unit="", goal=0.5),
    ]


def _first_call(stand: Stand) -> tuple[int, float]:
    _sleep(stand)
    return call(stand, "asleep")


def _crowd(stand: Stand) -> list[tuple[int, float]]:
    _sleep(stand)
    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(lambda _: call(stand, "asleep"), range(CALLERS)))


def _sleep(stand: Stand) -> None:
    stand.front.scale("asleep", 0)
    wait_for(lambda: not _tasks(stand), "no task")


def _tasks(stand: Stand) -> list[str]:
    return stand.machine.containerd.ctr("tasks", "ls", "-q").split()


def call(stand: Stand, name: str) -> tuple[int, float]:
    """Call a function on a connection of its own; return its status, and milliseconds."""
    began = time.perf_counter()
    with closing(http.client.HTTPConnection("127.0.0.1", stand.port, timeout=60)) as connection:
        connection.request("GET", f"/function/{name}")
        answer = connection.getresponse()
        answer.read()
        return answer.status, milliseconds_since(began)
