"""What a function's load is at one look. Pure."""

from faasd.base.load import LoadType
from faasd.gateway.autoscaler.quiet import Look


def measure(kind: LoadType, before: Look | None, now: Look) -> float | None:
    """Return the load of all replicas together; None where it cannot be told.

    Requests a second are those that began since the look before; what another worker of HAProxy
    counted last is not known, so its last second is left out.
    """
    match kind:
        case LoadType.CAPACITY:
            return float(now.stats.current)
        case LoadType.CPU:
            return now.cpu
        case LoadType.RPS:
            if before is None or before.worker != now.worker or now.at <= before.at:
                return None
            return max(now.stats.requests - before.stats.requests, 0) / (now.at - before.at)
