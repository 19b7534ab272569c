"""What is to be done so that what runs becomes what the file wants. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from faasd.node.domain.container import ContainerSpec, TaskState, Workload
from faasd.supervisor.attempts import Attempts
from faasd.supervisor.compose.spec import LABEL_DIGEST
from faasd.supervisor.compose.values import Condition, CoreService, Restart
from faasd.supervisor.health import Health


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A service of the file and the container it becomes."""

    service: CoreService
    spec: ContainerSpec

    @property
    def name(self) -> str:
        """The service's name, which is its container's identifier."""
        return self.service.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of one service: its container if there is one, its health, its attempts."""

    workload: Workload | None = None
    health: Health = Health.STARTING
    attempts: Attempts = field(default_factory=Attempts)

    def runs_as(self, wanted: Wanted) -> bool:
        """Tell whether the service runs, made as the file wants it now."""
        return (
            self.workload is not None
            and self.workload.state is TaskState.RUNNING
            and not _is_outdated(self.workload, wanted)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Make the service's container if it is missing or broken, and run it."""

    wanted: Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarted:
    """End the service's process and run it again."""

    wanted: Wanted
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """End the container and remove it."""

    container: str
    why: str


Action: TypeAlias = Start | Restarted | Remove


def decide(wanted: Sequence[Wanted], seen: Mapping[str, Seen], now: float) -> list[Action]:
    """Return what to do now, in this order; empty when there is nothing to do yet.

    Args:
        wanted: the services of the file in start order.
        seen: what is known of each container there is, and of each service started before.
        now: seconds of the monotonic clock.
    """
    names = {each.name for each in wanted}
    actions: list[Action] = [
        Remove(container=name, why="it is not in the file")
        for name, one in reversed(list(seen.items()))
        if name not in names and one.workload is not None
    ]
    for each in wanted:
        action = _decide_one(each, seen, now)
        if action is not None:
            actions.append(action)
    return actions


def is_well(wanted: Sequence[Wanted], seen: Mapping[str, Seen]) -> bool:
    """Tell whether all services run as they should, and have for a while, or ended as they may.

    Nothing needs to be done then before one of them ends, turns unhealthy, or the file changes.
    """
    return all(_is_one_well(each, seen.get(each.name, Seen())) for each in wanted)


def _is_one_well(wanted: Wanted, mine: Seen) -> bool:
    """One whose process nobody could tell of is not well: its end could not be watched for."""
    if mine.workload is not None and mine.runs_as(wanted) and not mine.workload.task.pid:
        return False
    if not mine.runs_as(wanted):
        return _is_done(wanted.service.restart, mine)
    unchecked = wanted.service.healthcheck is None
    return mine.attempts.count == 0 and (unchecked or mine.health is Health.HEALTHY)


def _decide_one(wanted: Wanted, seen: Mapping[str, Seen], now: float) -> Action | None:
    mine = seen.get(wanted.name, Seen())
    if mine.workload is not None and _is_outdated(mine.workload, wanted):
        return Remove(container=wanted.name, why="the file or its image changed")
    if now < mine.attempts.not_before:
        return None
    if mine.runs_as(wanted):
        return _revive(wanted, mine)
    if _is_done(wanted.service.restart, mine) or not _may_start(wanted, seen):
        return None
    return Start(wanted=wanted)


def _revive(wanted: Wanted, mine: Seen) -> Action | None:
    if mine.health is Health.UNHEALTHY and wanted.service.restart is not Restart.NO:
        return Restarted(wanted=wanted, why="it is unhealthy")
    return None


def _is_done(restart: Restart, mine: Seen) -> bool:
    """Tell whether the service ended and is to stay so."""
    if mine.attempts.starts == 0 or mine.workload is None:
        return False
    task = mine.workload.task
    succeeded = task.state is TaskState.STOPPED and task.exit_status == 0
    return restart is Restart.NO or (restart is Restart.ON_FAILURE and succeeded)


def _may_start(wanted: Wanted, seen: Mapping[str, Seen]) -> bool:
    """Tell whether all that the service depends on is as it must be."""
    for name, condition in wanted.service.depends_on.items():
        other = seen.get(name, Seen())
        if other.workload is None or other.workload.state is not TaskState.RUNNING:
            return False
        if condition is Condition.HEALTHY and other.health is not Health.HEALTHY:
            return False
    return True


def _is_outdated(workload: Workload, wanted: Wanted) -> bool:
    return workload.record.labels.get(LABEL_DIGEST) != wanted.spec.labels.get(LABEL_DIGEST)
