"""How a function tells that it is ready."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from faasd.base.durations import parse_duration
from faasd.base.errors import InvalidInput

READY_PATH = "com.openfaas.ready.http.path"
HEALTH_PATH = "com.openfaas.health.http.path"
READY_DELAY = "com.openfaas.ready.http.initialDelay"
HEALTH_DELAY = "com.openfaas.health.http.initialDelay"
DEFAULT_PATHS = ("/_/ready", "/_/health")

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
        InvalidInput: a path does not begin with '/', or a delay is no duration.
    """
    path = labels.get(READY_PATH) or labels.get(HEALTH_PATH) or ""
    if path and (not path.startswith("/") or not path.isascii() or not path.isprintable()):
        raise InvalidInput(
            f'labels["{READY_PATH}"] {path[:80]!r} must be a path like /healthz', field=READY_PATH
        )
    delay = labels.get(READY_DELAY) or labels.get(HEALTH_DELAY) or "0s"
    return Probe(
        paths=(path,) if path else DEFAULT_PATHS,
        strict=bool(path),
        delay=parse_duration(delay, field=f'labels["{READY_DELAY}"]'),
    )


def pauses() -> Iterator[float]:
    """Yield how many seconds to wait between one question and the next, without end."""
    pause, waited = FIRST_PAUSE, 0.0
    while waited < FAST_PHASE:
        yield pause
        waited += pause
        pause = min(pause * 1.3, FAST_PAUSE)
    while True:
        yield SLOW_PAUSE
