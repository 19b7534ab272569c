"""Deploying, starting and calling through the provider's API."""

import re
import subprocess
import time

from bench.bare import Bare
from bench.clock import milliseconds_since, wait_for, wait_for_first_byte
from bench.figures import Figure, repeat
from bench.stand import Stand
from tests.e2e.machine import PORT

WRK_SECONDS = 3


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
        ours, baseline = _wrk(through, connections), _wrk(direct, connections)
        who = f"warm call, {connections} connection(s), provider (direct)"
        figures += [
            Figure(f"{who}: latency", [ours[0]], [baseline[0]]),
            Figure(f"{who}: rate", [ours[1]], [baseline[1]], unit="/s"),
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


def _wrk(url: str, connections: int) -> tuple[float, float]:
    """Return median latency in ms and calls a second."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{WRK_SECONDS}s", "--latency", url]
    shown = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=WRK_SECONDS + 20
    ).stdout
    if "Non-2xx" in shown:
        raise RuntimeError(f"{url} failed under load:\n{shown}")
    latency = re.search(r"50%\s+([\d.]+)(us|ms|s)", shown)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", shown)
    if latency is None or rate is None:
        raise RuntimeError(f"wrk printed no figures:\n{shown}")
    return float(latency[1]) * {"us": 0.001, "ms": 1, "s": 1000}[latency[2]], float(rate[1])
