"""The label that says how an update replaces what runs."""

from collections.abc import Mapping
from enum import Enum

from faasd.base.errors import Unsatisfiable

STRATEGY = "com.openfaas.update.strategy"


class Strategy(Enum):
    """How an update replaces what runs.

    ROLLING: the new replicas begin beside the old ones, which go when all new ones answer.
    RECREATE: the old ones go first, so that both are never in memory; callers wait meanwhile.
    """

    ROLLING = "rolling"
    RECREATE = "recreate"


def read_strategy(labels: Mapping[str, str]) -> Strategy:
    """Read the label.

    Raises:
        Unsatisfiable: there is no such strategy; the error names the label.
    """
    text = labels.get(STRATEGY, "") or Strategy.ROLLING.value
    try:
        return Strategy(text.lower())
    except ValueError as error:
        field = f'labels["{STRATEGY}"]'
        raise Unsatisfiable(
            f"{field} {text[:40]!r} must be rolling or recreate", field=field
        ) from error
