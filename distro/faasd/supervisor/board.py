"""What the supervisor tells of the core services, for `faasd status` and for who watches them.

A file of JSON, replaced as a whole at each change; a reader sees one state or the next.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

BOARD = "services.json"
"""In the node's run directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One core service.

    Attributes:
        state: what its process does: ``running``, ``stopped``, ``none`` …
        health: ``starting``, ``healthy``, ``unhealthy``; ``unchecked`` where nothing asks.
        restarts: how often it was started again since `faasd up` began.
        pid: of its process, 0 where none runs.
        check: the arguments of its health check; empty where there is none.
        interval: seconds from one check to the next.
        timeout: seconds a check may take.
        retries: failures in a row that make it unhealthy.
    """

    name: str
    image: str
    state: str
    health: str
    restarts: int
    pid: int
    check: tuple[str, ...] = ()
    interval: float = 0.0
    timeout: float = 0.0
    retries: int = 0


def write_board(directory: Path, notices: Sequence[Notice]) -> None:
    """Write the state of all services, in start order."""
    new = directory / f".{BOARD}.new"
    new.write_text(json.dumps([asdict(notice) for notice in notices]))
    new.replace(directory / BOARD)


def read_board(directory: Path) -> tuple[Notice, ...]:
    """Return what was written last; nothing where there is none, or another version wrote it."""
    try:
        entries = cast("list[dict[str, object]]", json.loads((directory / BOARD).read_text()))
        return tuple(_notice(entry) for entry in entries)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return ()


def remove_board(directory: Path) -> None:
    """Take it away: nothing is supervised any more."""
    (directory / BOARD).unlink(missing_ok=True)


def _notice(entry: dict[str, object]) -> Notice:
    check = cast("list[str]", entry["check"])
    return Notice(**{**entry, "check": tuple(check)})  # type: ignore[arg-type]
