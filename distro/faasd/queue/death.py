"""Why a call became a dead letter, written into the message's header."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from faasd.queue.names import DEATH_HEADER

REASON_MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """What became of the call.

    Attributes:
        reason: a sentence.
        status: the function's last status; 0 when there was no answer.
        tries: how often it was delivered.
        died: Unix seconds.
    """

    reason: str
    status: int
    tries: int
    died: float


def write_death(death: Death) -> dict[str, str]:
    """Return the header; it is ASCII and bounded."""
    said = asdict(death) | {"reason": death.reason[:REASON_MOST]}
    return {DEATH_HEADER: json.dumps(said, separators=(",", ":"))}


def read_death(headers: Mapping[str, str] | None) -> Death:
    """Return it; what is not known is empty."""
    try:
        said = json.loads((headers or {}).get(DEATH_HEADER, ""))
        return Death(
            reason=str(said["reason"]),
            status=int(said["status"]),
            tries=int(said["tries"]),
            died=float(said["died"]),
        )
    except (KeyError, TypeError, ValueError):
        return Death(reason="not known", status=0, tries=0, died=0.0)
