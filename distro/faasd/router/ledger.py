"""The tally as a file, so that counts go on when the program with the `Router` starts anew."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from faasd.base.errors import InvalidInput
from faasd.router.answers import Counters
from faasd.router.tally import Classes, FunctionStats, Reading, Tally
from faasd.router.wanted import parse_function_name

log = logging.getLogger(__name__)


def write_tally(path: Path, tally: Tally) -> None:
    """Write the tally at once or not at all.

    Raises:
        OSError: the directory is missing, full or not writable.
    """
    new = path.with_name(f".{path.name}.new")
    new.write_text(render_tally(tally))
    new.replace(path)


def read_tally(path: Path) -> Tally:
    """Return the tally that was written; an empty one where there is none that can be read."""
    try:
        return parse_tally(path.read_text())
    except FileNotFoundError:
        return Tally()
    except (OSError, InvalidInput) as error:
        log.warning("the router's counts begin anew: %s", error)
        return Tally()


def render_tally(tally: Tally) -> str:
    """Return the tally as JSON."""
    reading = tally.reading
    return json.dumps(
        {
            "worker": reading.worker if reading else "",
            "totals": {str(function): asdict(stats) for function, stats in tally.totals.items()},
            "held": {str(f): backend for f, backend in (reading.held if reading else {}).items()},
            "rows": [asdict(row) for row in (reading.rows.values() if reading else ())],
        }
    )


def parse_tally(text: str) -> Tally:
    """Return the tally that was rendered as `text`.

    Raises:
        InvalidInput: it is no such text.
    """
    try:
        data = json.loads(text)
        rows = [_counters(row) for row in data["rows"]]
        reading = Reading(
            worker=str(data["worker"]),
            held={parse_function_name(key): str(value) for key, value in data["held"].items()},
            rows={row.backend: row for row in rows},
        )
        totals = {parse_function_name(k): _stats(v) for k, v in data["totals"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"the router's counts on disk are damaged: {error!r}") from error
    return Tally(totals=totals, reading=reading)


def _counters(row: Mapping[str, object]) -> Counters:
    numbers = {key: _int(row[key]) for key in ("current", "queued", "rate", "requests")}
    return Counters(
        backend=str(row["backend"]),
        server=str(row["server"]),
        by_class=_classes(row["by_class"]),
        **numbers,
    )


def _stats(row: Mapping[str, object]) -> FunctionStats:
    numbers = {key: _int(row[key]) for key in ("current", "queued", "rate", "requests")}
    return FunctionStats(by_class=_classes(row["by_class"]), **numbers)


def _classes(value: object) -> Classes:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    one, two, three, four, five = map(_int, value)
    return one, two, three, four, five


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no number")
    return value
