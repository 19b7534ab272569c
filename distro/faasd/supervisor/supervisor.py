"""Keeps the core services of a compose file running."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread

from faasd.base.errors import FaasdError, TimedOut, Unavailable
from faasd.base.names import CORE_NAMESPACE
from faasd.node.domain.container import TaskState, Workload
from faasd.node.open import Node
from faasd.supervisor.attempts import SETTLED, Attempts
from faasd.supervisor.board import Notice
from faasd.supervisor.checks import Checks
from faasd.supervisor.course import WHOLE_LIFE, Course, Read, Remembered
from faasd.supervisor.decide import (
    Action,
    Remove,
    Restarted,
    Seen,
    Start,
    Wanted,
    decide,
    is_well,
)
from faasd.supervisor.fleet import Fleet, Surroundings
from faasd.supervisor.health import Health
from faasd.supervisor.pulse import Pulse

log = logging.getLogger(__name__)

LONGEST_WAIT = 5.0
"""Seconds after which it looks, even when nothing was told."""

_NONE = Pulse()

RUNTIME_RETRY = 1.0
"""Seconds after which a container runtime that does not answer yet is asked again."""


_PASSING = (Unavailable, TimedOut)
"""Faults of a runtime that is down, or of a machine too busy to answer in time: tried again."""


class Supervisor:
    """One run of `faasd up`. `run` is its life; the other methods may be called from anywhere."""

    def __init__(
        self,
        node: Node,
        surroundings: Surroundings,
        read: Read,
        course: Course = WHOLE_LIFE,
        pulse: Pulse = _NONE,
    ) -> None:
        self._node = node
        self._read = read
        self._course = course
        self._pulse = pulse
        self._fleet = Fleet(node, surroundings)
        # Not an Event: this one may be set from a signal handler at any moment.
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._stopping = False
        self._reloading = course.reloads
        self._wanted: Sequence[Wanted] = ()
        self._attempts = {
            name: Attempts(starts=count + 1) for name, count in course.restarts.items()
        }
        self._checks = Checks(node.execs, self._look_again)
        self._all_up = course.recall is not None
        self._made_known = False
        self._leaving = False
        self._seen: Mapping[str, Seen] = {}

    def run(self) -> None:
        """Start the services, keep them running until `stop`, then remove them.

        What runs already as the file wants it, from a supervisor that was killed, is kept. A run
        that rests ends when all is well, and removes nothing.

        Raises:
            FaasdError: the file, an image, a port or a first start is at fault; nothing of this
                run is left running then, unless it goes on with what one before it started.
        """
        self._leaving = self._course.recall is not None
        try:
            with self._listening():
                self._begin()
                self._keep_running()
        finally:
            self._checks.close()
            if self._stopping or (self._wanted and not self._leaving):
                self._fleet.remove_all(self._wanted)

    def stop(self) -> None:
        """End `run`."""
        self._stopping = True
        self._look_again()

    def reload(self) -> None:
        """Read the file again; only what changed restarts. A bad file changes nothing."""
        self._reloading = True
        self._look_again()

    def _begin(self) -> None:
        if self._course.recall is None:
            self._begin_anew()
        else:
            self._go_on(self._course.recall())
        if self._wanted:
            self._fleet.make_known(self._wanted)

    def _begin_anew(self) -> None:
        """Wait for the runtime, and read what is wanted of it."""
        while not self._stopping:
            self._pulse.beat()
            try:
                self._fleet.prepare()
            except _PASSING as error:
                log.warning("%s; trying again", error)
                self._wait(RUNTIME_RETRY)
            else:
                self._wanted = self._read_file()
                self._fleet.remember(self._wanted)
                # With what a `faasd up` before left, this is a reload: one fault ends no other.
                self._all_up = any(
                    one.state is TaskState.RUNNING for one in self._fleet.find().values()
                )
                return

    def _go_on(self, remembered: Remembered) -> None:
        self._fleet.node_address = remembered.node_address
        self._wanted = remembered.wanted
        now = time.monotonic()
        for each in self._wanted:
            is_ill = each.name in self._course.unhealthy
            health = Health.UNHEALTHY if is_ill else Health.HEALTHY
            self._checks.assume(each.service, health, now)

    def _keep_running(self) -> None:
        while not self._stopping:
            self._pulse.beat()
            if self._reloading:
                self._read_again()
            if self._round():
                continue
            if self._may_rest():
                self._leaving = True
                return
            self._wait(self._pause())

    def _may_rest(self) -> bool:
        well = self._made_known and is_well(self._wanted, self._seen)
        return self._course.rests and well and not (self._reloading or self._stopping)

    def _read_again(self) -> None:
        self._reloading = False
        try:
            self._wanted = self._read_file()
        except FaasdError as error:
            log.error("not reloaded, everything goes on as it was: %s", error)  # noqa: TRY400
            return
        self._fleet.remember(self._wanted)
        log.info("reloaded")
        self._made_known = False

    def _read_file(self) -> Sequence[Wanted]:
        self._pulse.begin_images()
        return self._read()

    def _round(self) -> bool:
        """Look, decide, act; tell whether anything was done."""
        try:
            self._seen = self._look()
            self._fleet.tell(_notices(self._wanted, self._seen))
            actions = decide(self._wanted, self._seen, time.monotonic())
            for action in actions:
                self._made_known = False
                self._act(action)
            if not self._made_known:
                self._fleet.make_known(self._wanted)
                self._made_known = True
        except _PASSING as error:
            log.warning("trying again in %s s: %s", LONGEST_WAIT, error)
            self._made_known = False
            return False
        return bool(actions)

    def _look(self) -> dict[str, Seen]:
        found, now = self._fleet.find(), time.monotonic()
        for each in self._wanted:
            workload = found.get(each.name)
            if workload is not None and workload.state is TaskState.RUNNING:
                self._checks.tend(each.service, now)
                self._note_well(each, now)
            else:
                self._checks.forget(each.name)
        running = [one for one in found.values() if one.state is TaskState.RUNNING]
        self._all_up = self._all_up or len(running) >= len(self._wanted)
        return {name: self._see(name, found.get(name)) for name in {**found, **self._attempts}}

    def _see(self, name: str, workload: Workload | None) -> Seen:
        attempts = self._attempts.get(name, Attempts())
        return Seen(workload=workload, health=self._checks.health(name), attempts=attempts)

    def _note_well(self, wanted: Wanted, now: float) -> None:
        # One that an earlier life of `faasd up` left running counts as started.
        attempts = self._attempts.setdefault(wanted.name, Attempts(starts=1))
        if attempts.count == 0:
            return
        settled = now - attempts.last >= SETTLED
        unchecked = wanted.service.healthcheck is None
        if self._checks.health(wanted.name) is Health.HEALTHY or (unchecked and settled):
            self._attempts[wanted.name] = attempts.well()

    def _act(self, action: Action) -> None:
        self._pulse.beat()
        match action:
            case Start(wanted=one) | Restarted(wanted=one):
                attempts = self._attempts.get(one.name, Attempts())
                self._attempts[one.name] = attempts.another(time.monotonic())
                self._checks.forget(one.name)
            case Remove(container=name):
                self._attempts.pop(name, None)
                self._checks.forget(name)
        try:
            self._fleet.carry_out(action, self._wanted)
        except _PASSING:
            raise
        except FaasdError as error:
            if not self._all_up:
                raise
            log.error("%s", error)  # noqa: TRY400  # a sentence for people, no traceback

    def _pause(self) -> float:
        """Return how long nothing is due, in seconds."""
        now = time.monotonic()
        due = [one.not_before for one in self._attempts.values() if one.not_before > now]
        next_check = self._checks.next_check()
        if next_check is not None:
            due.append(next_check)
        return max(0.0, min([LONGEST_WAIT, *(at - now for at in due)]))

    def _look_again(self) -> None:
        self._wake.put(None)

    def _wait(self, seconds: float) -> None:
        """Wait until there is something to look at, and take all that was told together."""
        try:
            self._wake.get(timeout=seconds)
            while True:
                self._wake.get_nowait()
        except Empty:
            return

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Wake on events of core containers, while it lasts."""
        thread = Thread(target=self._listen, name="supervisor-events")
        thread.start()
        try:
            yield
        finally:
            self._node.events.close()
            thread.join()

    def _listen(self) -> None:
        for event in self._node.events.stream():
            if event.namespace in ("", CORE_NAMESPACE):
                self._look_again()


def _notices(wanted: Sequence[Wanted], seen: Mapping[str, Seen]) -> list[Notice]:
    return [_notice(each, seen.get(each.name, Seen())) for each in wanted]


def _notice(wanted: Wanted, seen: Seen) -> Notice:
    task = seen.workload.task if seen.workload else None
    check = wanted.service.healthcheck
    return Notice(
        name=wanted.name,
        image=wanted.service.image,
        state=task.state.value if task else "none",
        health=seen.health.value if check else "unchecked",
        restarts=seen.attempts.restarts,
        pid=task.pid if task and task.state is TaskState.RUNNING else 0,
        check=check.command if check else (),
        interval=check.interval if check else 0.0,
        timeout=check.timeout if check else 0.0,
        retries=check.retries if check else 0,
    )
