"""How one function is to be scaled, as the provider read it out of its labels. Pure."""

from dataclasses import dataclass

from faasd.base.load import ByLoad, LoadType


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may be done with a function.

    Attributes:
        least, most: replicas while it is awake.
        idle: seconds without a call after which it sleeps; None for never.
        by_load: None where the number of replicas does not follow the load.
    """

    least: int
    most: int
    idle: float | None = None
    by_load: ByLoad | None = None


def read_policy(told: object) -> Policy | None:
    """Return what the provider tells of a function; None where it tells nothing.

    Raises:
        TypeError, KeyError, ValueError: it is not what the provider writes.
    """
    if told is None:
        return None
    if not isinstance(told, dict):
        raise TypeError(told)
    idle, least, most = told["idle"], int(told["least"]), int(told["most"])
    if not 1 <= least <= most:
        raise ValueError(told)
    return Policy(
        least=least,
        most=most,
        idle=None if idle is None else float(idle),
        by_load=_read_by_load(told["load"]),
    )


def _read_by_load(told: object) -> ByLoad | None:
    if told is None:
        return None
    if not isinstance(told, dict):
        raise TypeError(told)
    each, step = float(told["each"]), int(told["step"])
    if not each > 0 or step < 1:
        raise ValueError(told)
    return ByLoad(type=LoadType(told["type"]), each=each, step=step)
