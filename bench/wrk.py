"""Constant load by `wrk`, and what it prints, as numbers."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

SECONDS = 4
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Load:
    """What one run saw; latencies in milliseconds."""

    rate: float
    median: float
    p99: float


def wrk(url: str, connections: int, place: Sequence[str] = ()) -> Load:
    """Call `url` over so many kept connections for `SECONDS`; an answer but 2xx is an error.

    Args:
        place: a command that runs its arguments elsewhere, such as ``ip netns exec``.
    """
    threads = str(min(2, connections))
    command = [*place, "wrk", f"-t{threads}", f"-c{connections}", f"-d{SECONDS}s", "--latency", url]
    shown = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=SECONDS + 20
    ).stdout
    if "Non-2xx" in shown or "Socket errors" in shown:
        raise RuntimeError(f"{url} failed under load:\n{shown}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", shown)
    if rate is None:
        raise RuntimeError(f"wrk printed no figures:\n{shown}")
    return Load(float(rate[1]), _latency(shown, "50%"), _latency(shown, "99%"))


def _latency(shown: str, quantile: str) -> float:
    found = re.search(rf"{quantile}\s+([\d.]+)(us|ms|s)", shown)
    if found is None:
        raise RuntimeError(f"wrk printed no latency:\n{shown}")
    return float(found[1]) * _UNITS[found[2]]
