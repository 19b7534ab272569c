"""How replicas follow the load: read out of labels by the provider, acted upon by the gateway."""

from dataclasses import dataclass
from enum import Enum


class LoadType(Enum):
    """What a function's load is measured by."""

    RPS = "rps"
    CAPACITY = "capacity"
    CPU = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByLoad:
    """How replicas follow the load.

    Attributes:
        type: what is measured.
        each: what one replica is to carry: requests a second, requests in flight, or thousandths
            of a core.
        step: replicas that come at once, at most.
    """

    type: LoadType
    each: float
    step: int
