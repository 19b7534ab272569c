"""Runs the services' health checks, each in its time, none waiting for another."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from faasd.base.errors import FaasdError
from faasd.base.names import CORE_NAMESPACE
from faasd.node.ports.execs import Execs
from faasd.supervisor.compose.values import CoreService, Healthcheck
from faasd.supervisor.health import Health, HealthState, after_failure, after_success, started

log = logging.getLogger(__name__)

_MOST_AT_ONCE = 8


class Checks:
    """The health of the running services. Used from one thread; the checks run in others."""

    def __init__(self, execs: Execs, on_result: Callable[[], None]) -> None:
        """Make it; `on_result` is called, from any thread, when a check has ended."""
        self._execs = execs
        self._on_result = on_result
        self._pool = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="health")
        self._states: dict[str, HealthState] = {}
        self._running: dict[str, Future[str]] = {}

    def health(self, name: str) -> Health:
        """Return what is known of a service."""
        state = self._states.get(name)
        return state.health if state else Health.STARTING

    def assume(self, service: CoreService, health: Health, now: float) -> None:
        """Take a service's health for this, as somebody else found it, until its next check."""
        check = service.healthcheck
        if check is not None:
            found = replace(started(check, now), next_check=now + check.interval, health=health)
            self._states[service.name] = found

    def forget(self, name: str) -> None:
        """Forget a service's health: it is (re)started, or gone. A check under way is let go."""
        self._states.pop(name, None)
        self._running.pop(name, None)

    def tend(self, service: CoreService, now: float) -> None:
        """Take in the result of a running service's check, and begin the next if it is due."""
        check = service.healthcheck
        if check is None:
            return
        state = self._states.setdefault(service.name, started(check, now))
        future = self._running.get(service.name)
        if future is not None and future.done():
            del self._running[service.name]
            self._note(service.name, check, future, now)
        elif future is None and now >= state.next_check:
            future = self._pool.submit(self._run, service.name, check)
            self._running[service.name] = future
            future.add_done_callback(lambda _: self._on_result())

    def next_check(self) -> float | None:
        """Return when the next check is due, in seconds of the monotonic clock."""
        waiting = [s.next_check for n, s in self._states.items() if n not in self._running]
        return min(waiting, default=None)

    def close(self) -> None:
        """Begin no more checks, and wait for those under way."""
        self._pool.shutdown(cancel_futures=True)

    def _note(self, name: str, check: Healthcheck, future: Future[str], now: float) -> None:
        before = self._states[name]
        problem = future.result()
        after = (after_failure if problem else after_success)(check, before, now)
        self._states[name] = after
        if after.health is Health.UNHEALTHY and before.health is not Health.UNHEALTHY:
            log.warning("service %s is unhealthy: its check %s", name, problem)
        elif after.health is not before.health:
            log.info("service %s is %s", name, after.health.value)

    def _run(self, name: str, check: Healthcheck) -> str:
        """Run a check; return what is wrong, in words that continue "its check", or nothing."""
        try:
            status = self._execs.run(CORE_NAMESPACE, name, check.command, check.timeout)
        except FaasdError as error:
            return f"failed: {error}"
        return f"{' '.join(check.command)!r} ended with {status}" if status else ""
