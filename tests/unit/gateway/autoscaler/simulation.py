"""A function under a load that changes, second by second, scaled as it is decided."""

import itertools
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from faasd.base.load import ByLoad, LoadType
from faasd.gateway.autoscaler.decide import Situation, decide_replicas
from faasd.gateway.autoscaler.trace import Trace, add

EACH = 9.0
"""What one replica carries in these traces: a target of 10, at 90 %."""

Load = Callable[[int], float]
"""The load at a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """What was, and what was decided at its end."""

    load: float
    replicas: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a function's labels say."""

    least: int = 1
    most: int = 20
    step: int = 4
    floor: int = 0


def simulate(
    load: Load, seconds: int, bounds: Bounds | None = None, *, replicas: int = 1
) -> Sequence[Second]:
    """Return what happens; a number that was decided holds from the next second on."""
    bounds = bounds or Bounds()
    trace: Trace = ()
    history = []
    for at in range(seconds):
        trace = add(trace, float(at), load(at), replicas)
        history.append(Second(load=load(at), replicas=replicas))
        situation = Situation(
            by_load=ByLoad(type=LoadType.CAPACITY, each=EACH, step=bounds.step),
            least=bounds.least,
            most=bounds.most,
            replicas=replicas,
            trace=trace,
            floor=bounds.floor,
        )
        replicas = decide_replicas(situation)
    return history


def turns(history: Sequence[Second]) -> int:
    """Return how often the number of replicas turned from rising to falling or back."""
    numbers = [second.replicas for second in history]
    moves = [b - a for a, b in itertools.pairwise(numbers) if a != b]
    return sum(a * b < 0 for a, b in itertools.pairwise(moves))


def steady(_at: int) -> float:
    return 45.0


def spike(at: int) -> float:
    """Three seconds of a hundred."""
    return 100.0 if 60 <= at < 63 else 5.0


def jump(at: int) -> float:
    """A load that comes at once, stays for two minutes, and ends at once."""
    return 90.0 if 30 <= at < 150 else 0.0


def ramp(at: int) -> float:
    """Up for three minutes, down for three."""
    return 120.0 * max(0.0, 1 - abs(at - 180) / 180)


def sawtooth(at: int) -> float:
    """From nothing to a hundred in 20 s, over and over."""
    return (at % 20) * 100 / 19


def noise(at: int) -> float:
    """About 60, by a third more or less, different each second."""
    return 60.0 * random.Random(at).uniform(2 / 3, 4 / 3)


def waves(at: int) -> float:
    """A wave of five minutes, with noise on it."""
    return (60 - 50 * math.cos(at / 300 * math.tau)) * random.Random(at).uniform(0.8, 1.2)


TRACES: Mapping[str, tuple[Load, int]] = {
    "steady": (steady, 300),
    "spike": (spike, 300),
    "jump": (jump, 300),
    "ramp": (ramp, 480),
    "sawtooth": (sawtooth, 300),
    "noise": (noise, 600),
    "waves": (waves, 900),
}
"""Each trace's load and length; `bench.scaling_traces` draws them."""
