"""A function's load over the last minute, second by second. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PANIC, RISE, STABLE = 2.0, 10.0, 60.0
"""Seconds that the three windows look back; docs/scaling.md says what each is for."""

GAP = 5.0
"""Seconds without a look after which what was before says nothing any more."""

_HALF = 0.5
"""Seconds: looks are a second apart, and some milliseconds more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One second.

    Attributes:
        at: its end, on a clock that only goes forward.
        load: of all replicas together, in the unit of the function's policy.
        recent: the mean of the loads in the panic window that ends here.
        replicas: how many were wanted.
    """

    at: float
    load: float
    recent: float
    replicas: int


Trace = tuple[Sample, ...]
"""The samples of the stable window, the oldest first."""


def add(trace: Trace, at: float, load: float, replicas: int) -> Trace:
    """Return the trace with one more second; what is older than its window is left out."""
    if trace and at - trace[-1].at > GAP:
        trace = ()
    loads = [load, *(sample.load for sample in _within(trace, at, PANIC))]
    sample = Sample(at=at, load=load, recent=sum(loads) / len(loads), replicas=replicas)
    first = next((i for i, old in enumerate(trace) if at - old.at <= STABLE), len(trace))
    return (*trace[first:], sample)


def mean(trace: Trace, seconds: float) -> float:
    """Return the mean load of the last seconds, or of so many of them as there are."""
    loads = [sample.load for sample in _within(trace, trace[-1].at, seconds)]
    return sum(loads) / len(loads)


def highest(trace: Trace) -> float:
    """Return the highest of the panic window's means that the trace has seen."""
    return max(sample.recent for sample in trace)


def covers(trace: Trace, seconds: float) -> bool:
    """Tell whether the trace goes back so far."""
    return bool(trace) and trace[-1].at - trace[0].at >= seconds - 1 - _HALF


def kept(trace: Trace, seconds: float) -> bool:
    """Tell whether the number of replicas has been the same for so long."""
    found = {sample.replicas for sample in _within(trace, trace[-1].at, seconds)}
    return len(found) == 1


def _within(trace: Sequence[Sample], at: float, seconds: float) -> Iterator[Sample]:
    for sample in reversed(trace):
        if at - sample.at > seconds - _HALF:
            return
        yield sample
