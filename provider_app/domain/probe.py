"""How a function tells that it is ready."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from faasd.base.durations import parse_duration
from faasd.base.errors import InvalidInput

READY_PATH = "com.openfaas.ready.http.path"
HEALTH_PATH = "com.openfaas.health.http.path"
READY_DELAY = "com.openfaas.ready.http.initialDelay"
HEALTH_DELAY = "com.openfaas.health.http.initialDelay"
DEFAULT_PATHS = ("/_/health", "/_/ready")
"""In this order: to the classic watchdog all paths but ``/_/health`` are calls of the function."""

MAX_DELAY = 3600.0
_PATH = re.compile("/[!-~]*")
"""Printable ASCII without spaces: it goes into a request line as it is."""

FIRST_PAUSE = 0.002
FAST_PAUSE = 0.05
SLOW_PAUSE = 1.0
FAST_PHASE = 10.0
"""Seconds in which a replica is asked at least 20 times a second; then once a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Where to ask, and how long to wait before the first time.

    Attributes:
        paths: the first that is there decides.
        strict: the paths were given by a label: that the port accepts is then not enough.
        delay: seconds.
    """

    paths: tuple[str, ...] = DEFAULT_PATHS
    strict: bool = False
    delay: float = 0.0


def read_probe(labels: Mapping[str, str]) -> Probe:
    """Read the labels.

    Raises:
        InvalidInput: a path does not begin with '/', or a delay is no duration, or too long.
    """
    path = _read_path(labels)
    return Probe(
        paths=(path,) if path else DEFAULT_PATHS, strict=bool(path), delay=_read_delay(labels)
    )


def _read_path(labels: Mapping[str, str]) -> str:
    label = READY_PATH if labels.get(READY_PATH) else HEALTH_PATH
    path = labels.get(label, "")
    if path and not _PATH.fullmatch(path):
        field = f'labels["{label}"]'
        raise InvalidInput(f"{field} {path[:80]!r} must be a path like /healthz", field=field)
    return path


def _read_delay(labels: Mapping[str, str]) -> float:
    label = READY_DELAY if labels.get(READY_DELAY) else HEALTH_DELAY
    text, field = labels.get(label) or "0s", f'labels["{label}"]'
    delay = parse_duration(text, field=field)
    if delay > MAX_DELAY:
        raise InvalidInput(f"{field} {text!r} is longer than an hour", field=field)
    return delay


def pauses() -> Iterator[float]:
    """Yield how many seconds to wait between one question and the next, without end.

    A tenth of the time that it took so far: looking adds no more than that to a start.
    """
    pause, waited = FIRST_PAUSE, 0.0
    while waited < FAST_PHASE:
        yield pause
        waited += pause
        pause = min(max(waited / 10, FIRST_PAUSE), FAST_PAUSE)
    while True:
        yield SLOW_PAUSE
