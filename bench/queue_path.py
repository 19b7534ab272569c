"""Asynchronous calls: how many are accepted and completed in a second."""

import http.client
import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from bench.clock import wait_for
from bench.figures import Figure
from bench.stand import Stand

CALLS = 3000
CONNECTIONS = 8
ACCEPTED = 202


def measure_queue(stand: Stand) -> list[Figure]:
    """Queue calls of a fast function as fast as they are taken; wait until all are done."""
    stand.deploy("queued")
    stand.front.wait_answers("queued")
    before = stand.calls("queued")
    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        numbers = itertools.repeat(CALLS // CONNECTIONS, CONNECTIONS)
        accepted = sum(pool.map(lambda count: _publish(stand, count), numbers))
    published = time.perf_counter() - began
    wait_for(lambda: stand.calls("queued") >= before + accepted, "all done", 120)
    done = time.perf_counter() - began
    stand.delete("queued")
    return [
        Figure("queued calls accepted", [accepted / published], unit="/s", least=500),
        Figure("queued calls completed, 16 at once", [accepted / done], unit="/s", least=300),
    ]


def _publish(stand: Stand, count: int) -> int:
    """Queue calls over one connection; return how many were accepted."""
    taken = 0
    with closing(http.client.HTTPConnection("127.0.0.1", stand.port, timeout=60)) as connection:
        for _ in range(count):
            connection.request("POST", "/async-function/queued", b"{}")
            answer = connection.getresponse()
            answer.read()
            taken += answer.status == ACCEPTED
    return taken
