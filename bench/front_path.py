"""Warm calls through the node's front door, beside the same calls straight at the container."""

from collections.abc import Sequence

from bench.figures import Figure
from bench.stand import Stand
from bench.wrk import Load, wrk

CONNECTIONS = (1, 16, 100)
RUNS = 3
Pair = tuple[Load, Load]
"""The load through the front door, and the one straight at the container."""


def measure_front(stand: Stand) -> list[Figure]:
    """Call a warm function over kept connections, in turns directly and through :8080."""
    stand.deploy("warm")
    stand.front.wait_answers("warm")
    direct = f"http://{stand.address('warm')}:8080/"
    through = f"{stand.url}/function/warm"
    figures: list[Figure] = []
    for connections in CONNECTIONS:
        pairs = [(wrk(through, connections), wrk(direct, connections)) for _ in range(RUNS)]
        figures += _compare(connections, pairs)
    stand.delete("warm")
    return figures


def _compare(connections: int, pairs: Sequence[Pair]) -> list[Figure]:
    ours, direct = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    who = f"warm call, {connections} connection(s), :8080 (direct)"
    figures = [
        Figure(f"{who}: rate", _each(ours, "rate"), _each(direct, "rate"), unit="/s"),
        Figure(f"{who}: median", _each(ours, "median"), _each(direct, "median")),
        Figure(f"{who}: 99th percentile", _each(ours, "p99"), _each(direct, "p99")),
    ]
    return figures + _judge(connections, pairs)


def _each(loads: Sequence[Load], figure: str) -> list[float]:
    return [float(getattr(load, figure)) for load in loads]


def _judge(connections: int, pairs: Sequence[Pair]) -> list[Figure]:
    """Return what the goals are about: a ratio, or what is added."""
    if connections == 1:
        added = [ours.median - direct.median for ours, direct in pairs]
        return [Figure("… added median, 1 connection", added, goal=0.25)]
    if connections == 100:
        times = [ours.p99 / direct.p99 for ours, direct in pairs]
        return [Figure("… 99th percentile, times direct's", times, unit="x", goal=3)]
    ratio = [ours.rate / direct.rate for ours, direct in pairs]
    return [Figure("… share of direct's rate", ratio, unit="", least=0.35)]
