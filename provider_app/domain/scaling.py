"""The labels that say how many replicas a function has, and when; docs/scaling.md."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from faasd.base.errors import InvalidInput, Unsatisfiable
from faasd.base.load import ByLoad, LoadType
from provider_app.domain.scale_labels import LabelReader, label_field

_PREFIX = "com.openfaas.scale."
MIN, MAX = f"{_PREFIX}min", f"{_PREFIX}max"
TYPE, TARGET = f"{_PREFIX}type", f"{_PREFIX}target"
PROPORTION, FACTOR = f"{_PREFIX}target-proportion", f"{_PREFIX}factor"
ZERO, ZERO_DURATION = f"{_PREFIX}zero", f"{_PREFIX}zero-duration"
DEPTH = "faasd.sleep.depth"
"""A label of our own: OpenFaaS knows one depth only."""

HIGHEST = 100
"""Replicas of one function on one node, at most."""

DEFAULT_MAX = 20
DEFAULT_TARGET, HIGHEST_TARGET = 50, 1_000_000
DEFAULT_PROPORTION, LEAST_PROPORTION, MOST_PROPORTION = 0.9, 0.01, 10.0
DEFAULT_FACTOR, WHOLE = 20, 100
DEFAULT_IDLE, LEAST_IDLE, MOST_IDLE = 15 * 60.0, 1.0, 720 * 3600.0
"""Seconds; OpenFaaS documents a default of 15 minutes, and no bounds."""


class Depth(Enum):
    """What is left of a function that is asleep.

    Attributes:
        STOPPED: container, namespace and address; no process.
        PAUSED: its processes too, frozen, with the memory that they have.
    """

    STOPPED = "stopped"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """How many replicas there may be, and whether an idle function may have none.

    Attributes:
        idle: seconds without a call after which it may have none.
        by_load: None where the number of replicas does not follow the load.
    """

    least: int = 1
    most: int = DEFAULT_MAX
    to_zero: bool = False
    idle: float = DEFAULT_IDLE
    by_load: ByLoad | None = None
    depth: Depth = Depth.STOPPED


def read_scaling(labels: Mapping[str, str]) -> Scaling:
    """Read the labels.

    Raises:
        Unsatisfiable: one is malformed or absurd, they contradict each other, or ask for more
            than one node gives; the error names the label.
    """
    read = LabelReader(labels)
    least = max(read.number(MIN, 1, 0, HIGHEST), 1)
    most = max(read.number(MAX, max(DEFAULT_MAX, least), 0, HIGHEST), 1)
    if least > most:
        field = label_field(MIN)
        raise Unsatisfiable(f"{field} {least} is more than {label_field(MAX)} {most}", field=field)
    return Scaling(
        least=least,
        most=most,
        to_zero=read.flag(ZERO),
        idle=read.seconds(ZERO_DURATION, DEFAULT_IDLE, LEAST_IDLE, MOST_IDLE),
        by_load=_read_by_load(read, least, most),
        depth=read.choice(DEPTH, Depth.STOPPED),
    )


def is_paused_asleep(labels: Mapping[str, str]) -> bool:
    """Tell whether a function that sleeps is paused; labels that are wrong say no."""
    return labels.get(DEPTH) == Depth.PAUSED.value


def check_replicas(replicas: int, field: str) -> int:
    """Return a number of replicas that this node gives.

    Raises:
        InvalidInput: it is negative.
        Unsatisfiable: it is too high.
    """
    if replicas < 0:
        raise InvalidInput(f"{field} {replicas} must not be negative", field=field)
    if replicas > HIGHEST:
        raise Unsatisfiable(f"{field} {replicas} is more than {HIGHEST}", field=field)
    return replicas


def _read_by_load(read: LabelReader, least: int, most: int) -> ByLoad | None:
    """A function follows its load when a label says something of it: nobody is surprised by it."""
    kind = read.choice(TYPE, LoadType.RPS)
    target = read.number(TARGET, DEFAULT_TARGET, 1, HIGHEST_TARGET)
    proportion = read.fraction(PROPORTION, DEFAULT_PROPORTION, LEAST_PROPORTION, MOST_PROPORTION)
    factor = read.number(FACTOR, DEFAULT_FACTOR, 0, WHOLE)
    asked = any(read.has(key) for key in (MAX, TYPE, TARGET, PROPORTION, FACTOR))
    if not asked or least == most or factor == 0:
        return None
    step = math.ceil(most * factor / WHOLE)
    return ByLoad(type=kind, each=target * proportion, step=step)
