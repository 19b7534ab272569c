"""More replicas: how soon they are there, and what they are good for."""

import os
import time

from bench.clock import PATIENCE, milliseconds_since, wait_for
from bench.figures import Figure
from bench.stand import PYTHON, STATIC, Stand
from bench.wrk import wrk

MANY = 10
CONNECTIONS = 8
WORK = "/work?rounds=100000"
"""Some 10 ms of one core: a Python process keeps one core busy, and no more."""

LEAST_GAIN = 0.7
"""Of a core that is added, what throughput has to grow by: router and caller need some, too."""

ROUNDS = 3


def measure_replicas(stand: Stand, times: int) -> list[Figure]:
    """Scale from 1 to 10, and let 1 and 2 replicas reckon."""
    return [*_measure_scaling(stand, times), *_measure_throughput(stand)]


def _measure_scaling(stand: Stand, times: int) -> list[Figure]:
    stand.deploy("many", STATIC)
    stand.front.wait_answers("many", PATIENCE)
    taken = [_scale(stand) for _ in range(times)]
    stand.delete("many")
    return [Figure(f"scale 1 → {MANY} → all ready", taken, goal=1500)]


def _scale(stand: Stand) -> float:
    stand.client.scale("many", 1)
    wait_for(lambda: len(stand.containers("many")) == 1, "one replica")
    began = time.perf_counter()
    stand.client.scale("many", MANY)
    wait_for(lambda: _pause() or stand.client.replicas("many") == MANY, f"{MANY} replicas")
    return milliseconds_since(began)


def _measure_throughput(stand: Stand) -> list[Figure]:
    stand.deploy("busy", PYTHON)
    stand.front.wait_answers("busy", PATIENCE)
    rates = {count: _rate(stand, count) for count in _counts()}
    stand.delete("busy")
    figures = [
        Figure(f"CPU-bound function, {count} replica(s)", rate, unit="/s")
        for count, rate in rates.items()
    ]
    cores = max(rates)
    gain = [many / one for one, many in zip(rates[1], rates[cores], strict=True)]
    least = 1 + LEAST_GAIN * (cores - 1)
    return [*figures, Figure(f"… {cores} replicas, times one's", gain, unit="x", least=least)]


def _counts() -> list[int]:
    return sorted({1, 2, os.cpu_count() or 2})


def _rate(stand: Stand, replicas: int) -> list[float]:
    stand.client.scale("busy", replicas)
    wait_for(lambda: _pause() or stand.client.replicas("busy") == replicas, "replicas")
    url = f"{stand.url}/function/busy{WORK}"
    return [wrk(url, CONNECTIONS).rate for _ in range(ROUNDS)]


def _pause() -> bool:
    """Do not ask all the time; false, to stand before what is asked."""
    time.sleep(0.01)
    return False
