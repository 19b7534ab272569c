"""How many replicas a function is to have, by its load over the last minute. Pure.

Up is quick and down is slow: too few replicas are felt by callers, too many by nobody. A number
goes up when the last two seconds ask for twice as many, or the last ten for more. It goes down when
a whole minute had no two seconds that asked for as many.
"""

import math
from dataclasses import dataclass

from faasd.base.load import ByLoad, LoadType
from faasd.gateway.autoscaler.trace import (
    PANIC,
    RISE,
    STABLE,
    Trace,
    covers,
    highest,
    kept,
    mean,
)

PANIC_TIMES = 2
"""So many times the replicas that there are have to be asked for, to act upon two seconds."""

SLACK = 0.9
"""Fewer replicas have to carry the load with a tenth to spare, or more would be needed soon."""

_LEAST_SAMPLES = {LoadType.CAPACITY: 2}
"""What is in flight is seen at one instant; the other loads are means of a whole second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One function.

    Attributes:
        by_load: how its replicas follow its load.
        least, most: how many there may be.
        replicas: how many are wanted now.
        trace: up to now.
        floor: what a person asked for a moment ago; nothing goes below that.
        may_grow: whether more replicas would be of use.
    """

    by_load: ByLoad
    least: int
    most: int
    replicas: int
    trace: Trace
    floor: int = 0
    may_grow: bool = True


def decide_replicas(situation: Situation) -> int:
    """Return how many replicas there are to be; a function that is asleep stays so."""
    now = situation.replicas
    if now == 0 or len(situation.trace) < _LEAST_SAMPLES.get(situation.by_load.type, 1):
        return now
    if (more := _decide_more(situation)) > now:
        return more
    return min(_decide_fewer(situation), now)


def _decide_more(situation: Situation) -> int:
    now, trace, each = situation.replicas, situation.trace, situation.by_load.each
    panic = needed(mean(trace, PANIC), each)
    if panic <= now or not situation.may_grow:
        return now
    wanted = panic if panic >= PANIC_TIMES * now else needed(mean(trace, RISE), each)
    if wanted <= now:
        return now
    return min(max(wanted, situation.least), now + situation.by_load.step, situation.most)


def _decide_fewer(situation: Situation) -> int:
    """Half of them may go at once, and then nobody for as long as the middle window is."""
    now, trace = situation.replicas, situation.trace
    if not (covers(trace, STABLE) and kept(trace, RISE)):
        return now
    wanted = needed(highest(trace), situation.by_load.each * SLACK)
    return max(wanted, situation.least, situation.floor, math.ceil(now / 2))


def needed(load: float, each: float) -> int:
    """Return how many replicas carry a load."""
    return math.ceil(round(load / each, 6))
