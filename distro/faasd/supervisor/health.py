"""Is a service healthy? Decided from its checks, without running them."""

from dataclasses import dataclass, replace
from enum import Enum

from faasd.supervisor.compose.values import Healthcheck

FIRST_INTERVAL = 0.5
"""Seconds between the first checks of the start period: what waits starts sooner."""
PATIENCE = 4
"""Then, the part of the time since the start that passes between two. On a slow machine checks of
what still starts would take the processor that it starts with."""


class Health(Enum):
    """What is known of a service. STARTING: it was never healthy since its start."""

    STARTING = "starting"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthState:
    """A running service's health.

    Attributes:
        since: when it was started (or found running), in seconds of the monotonic clock.
        next_check: when it is to be checked, of the same clock.
        failures: checks that failed in a row and count.
    """

    since: float
    next_check: float
    health: Health = Health.STARTING
    failures: int = 0


def started(check: Healthcheck, now: float) -> HealthState:
    """Return the health of a service that starts now."""
    return HealthState(since=now, next_check=now + min(FIRST_INTERVAL, check.interval))


def after_success(check: Healthcheck, state: HealthState, now: float) -> HealthState:
    """Return the health after a check that ended with 0."""
    return replace(state, health=Health.HEALTHY, failures=0, next_check=now + check.interval)


def after_failure(check: Healthcheck, state: HealthState, now: float) -> HealthState:
    """Return the health after a check that did not.

    In the start period failures do not count; after it, `retries` in a row are too many.
    """
    if state.health is Health.STARTING and now - state.since < check.start_period:
        pause = max(FIRST_INTERVAL, (now - state.since) / PATIENCE)
        return replace(state, next_check=now + min(pause, check.interval))
    failures = state.failures + 1
    health = Health.UNHEALTHY if failures >= check.retries else state.health
    return replace(state, health=health, failures=failures, next_check=now + check.interval)
