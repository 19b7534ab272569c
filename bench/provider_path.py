"""Deploying, starting and calling through the provider's API."""

import time

from bench.bare import Bare
from bench.clock import milliseconds_since, wait_for, wait_for_first_byte
from bench.figures import Figure, repeat
from bench.stand import Stand
from bench.wrk import wrk
from tests.e2e.machine import PORT


def measure_deploy(stand: Stand, bare: Bare, times: int) -> list[Figure]:
    """Deploy a local image until it answers, one at a time."""
    ours = repeat(times, lambda: _deploy(stand))
    return [
        Figure(
            "deploy → answered, API (ctr run -d --cni)",
            ours,
            repeat(times, bare.deploy),
            goal=500,
        )
    ]


def measure_scale_up(stand: Stand, times: int) -> list[Figure]:
    """Scale a function from 0 to 1 until its replica answers."""
    stand.deploy("cold")
    stand.client.wait_answers("cold")
    taken = repeat(times, lambda: _scale_up(stand))
    stand.delete("cold")
    return [Figure("scale 0 → 1 → first byte, API", taken)]


def measure_proxy(stand: Stand) -> list[Figure]:
    """Call a warm function, directly and through the provider."""
    stand.deploy("warm")
    stand.client.wait_answers("warm")
    direct = f"http://{stand.address('warm')}:8080/"
    through = f"http://127.0.0.1:{PORT}/function/warm"
    figures = []
    for connections in (1, 16):
        ours, baseline = wrk(through, connections), wrk(direct, connections)
        who = f"warm call, {connections} connection(s), provider (direct)"
        figures += [
            Figure(f"{who}: latency", [ours.median], [baseline.median]),
            Figure(f"{who}: rate", [ours.rate], [baseline.rate], unit="/s"),
        ]
    stand.delete("warm")
    return figures


def _deploy(stand: Stand) -> float:
    began = time.perf_counter()
    stand.deploy("deployed")
    wait_for(lambda: stand.client.answers("deployed"), "deployed answers")
    taken = milliseconds_since(began)
    stand.delete("deployed")
    return taken


def _scale_up(stand: Stand) -> float:
    address = stand.address("cold")
    stand.client.scale("cold", 0)
    wait_for(lambda: not stand.machine.containerd.ctr("tasks", "ls", "-q").split(), "no task")
    began = time.perf_counter()
    stand.client.scale("cold", 1)
    wait_for_first_byte(address)
    taken = milliseconds_since(began)
    stand.client.wait_ready("cold")
    return taken
