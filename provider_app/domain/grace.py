"""How long a function has from SIGTERM to SIGKILL."""

from collections.abc import Mapping

from faasd.base.durations import parse_duration
from faasd.base.errors import InvalidInput
from faasd.node.domain.container import DEFAULT_GRACE

KEYS = ("com.openfaas.grace_period", "grace_period")
MAX_GRACE = 3600.0


def read_grace(
    labels: Mapping[str, str], annotations: Mapping[str, str], env: Mapping[str, str]
) -> float:
    """Return the grace in seconds: from a label, else an annotation, else the environment.

    Raises:
        InvalidInput: it is no duration, or longer than an hour.
    """
    for place, values in (("labels", labels), ("annotations", annotations), ("envVars", env)):
        for key in KEYS:
            if text := values.get(key, ""):
                field = f'{place}["{key}"]'
                grace = parse_duration(text, field=field)
                if grace > MAX_GRACE:
                    raise InvalidInput(f"{field} {text!r} is longer than an hour", field=field)
                return grace
    return DEFAULT_GRACE
