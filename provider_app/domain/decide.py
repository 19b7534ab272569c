"""What is to be done about one function: pure, and repeated until nothing is.

Each call looks at all there is, so that a restart, a reboot, a crash and someone's own meddling
are the same case.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from faasd.node.domain.container import TaskState, Workload
from provider_app.domain.failures import Failures
from provider_app.domain.function import Function
from provider_app.domain.replica import serving_generations
from provider_app.domain.scaling import is_paused_asleep
from provider_app.domain.strategy import Strategy, read_strategy

SOON = 0.3
"""Seconds after which is looked again at what nobody could tell of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """Make a replica's container, or what a reboot took from around it."""

    container: str
    replica: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Run a container, or thaw it."""

    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End a container's task, and keep the container."""

    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Freeze a container's task where it is."""

    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Remove a container and all that was made for it."""

    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Send a replica no more requests; once its last ones have ended it can go."""

    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """Send a replica requests again that was about to go."""

    container: str


Action = Create | Start | Stop | Pause | Remove | Withdraw | Restore


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One function, wanted and found.

    Attributes:
        wanted: None for a function that shall not be.
        found: its containers, of every generation.
        ready: those of them that answer.
        late: those of them that run, and have not answered for so long that they count as failed.
        withdrawn: those that are sent no more requests.
        drained: those of the withdrawn that have none left.
        failures: replicas that failed, also ones that have no container.
        now: seconds on any clock that only goes forward.
        unsure: some of what was found is as it was seen before: nobody could say what it is now.
        previous: the generation to go back to if the wanted one never becomes ready, or None.
        trial: it is asleep, and its one replica runs to see whether it becomes ready.
        deep: while it is asleep it is stopped, though its label says paused.
    """

    wanted: Function | None
    found: Sequence[Workload]
    ready: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    withdrawn: frozenset[str] = frozenset()
    drained: frozenset[str] = frozenset()
    failures: Failures = field(default_factory=dict)
    now: float = 0.0
    unsure: bool = False
    previous: int | None = None
    trial: bool = False
    deep: bool = False


def decide(situation: Situation) -> Sequence[Action]:
    """Return what to do now, in order; an empty list where nothing is, or only waiting."""
    wanted = situation.wanted
    if wanted is None:
        return [a for w in situation.found for a in _part(situation, w, Remove(container=w.id))]
    actions = list(_fall_back(situation, wanted))
    for replica in range(wanted.kept):
        actions += _decide_replica(situation, wanted, replica)
    if waits_for_older(situation, wanted):
        actions = [action for action in actions if not isinstance(action, Start)]
    # Who comes back comes first, so that at no moment nobody serves.
    surplus = list(_remove_surplus(situation, wanted))
    return actions + sorted(surplus, key=lambda action: not isinstance(action, Restore))


def next_look(situation: Situation) -> float | None:
    """Return when the next try of a failed replica or another look is due, or None."""
    wanted = situation.wanted
    ids = {workload.id for workload in situation.found}
    if wanted is not None:
        ids |= {wanted.container_id(replica) for replica in range(wanted.kept)}
    due = [situation.failures[name].retry_at for name in ids if name in situation.failures]
    due += [situation.now + SOON] * situation.unsure
    return min((time for time in due if time > situation.now), default=None)


def _decide_replica(situation: Situation, wanted: Function, replica: int) -> Iterator[Action]:
    name = wanted.container_id(replica)
    workload = next((found for found in situation.found if found.id == name), None)
    if _waits(situation, name) and not _runs(workload):
        return
    if workload is None or _lost_surroundings(workload):
        yield Create(container=name, replica=replica)
    if replica < wanted.replicas:
        if workload is None or workload.state is not TaskState.RUNNING:
            yield Start(container=name)
        elif name in situation.withdrawn:
            yield Restore(container=name)
    elif workload is not None:
        yield from _lay_to_rest(situation, wanted, workload)


def _fall_back(situation: Situation, wanted: Function) -> Iterator[Action]:
    """Run what was before an update while nobody answers: callers need not wait for its end.

    So it is when a call wakes a function while a bad update of it is tried. It comes first, as
    somebody waits for it. A trial alone wakes nobody else.
    """
    if wanted.replicas == 0 or situation.trial or situation.ready or _recreates(wanted):
        return
    for workload in situation.found:
        older = workload.generation == situation.previous
        if not older or _runs(workload) or _waits(situation, workload.id):
            continue
        if _lost_surroundings(workload):
            yield Create(container=workload.id, replica=workload.replica)
        yield Start(container=workload.id)


def _lay_to_rest(situation: Situation, wanted: Function, workload: Workload) -> Iterator[Action]:
    """End what runs, or freeze it where the function's label says so."""
    paused = is_paused_asleep(wanted.deployment.labels) and not situation.deep
    if workload.state is TaskState.NONE or (paused and workload.state is TaskState.PAUSED):
        return
    freezes = paused and _runs(workload)
    end = Pause(container=workload.id) if freezes else Stop(container=workload.id)
    yield from _part(situation, workload, end)


def _remove_surplus(situation: Situation, wanted: Function) -> Iterator[Action]:
    """Older generations serve until the wanted one does; replicas beyond the wanted go."""
    serving = _find_kept(situation, wanted)
    for workload in situation.found:
        current = workload.generation == wanted.generation
        kept = workload.replica < wanted.kept if current else workload.generation in serving
        if not kept:
            yield from _part(situation, workload, Remove(container=workload.id))
        elif not current and wanted.replicas == 0:
            yield from _let_sleep(situation, workload)
        elif not current and workload.id in situation.withdrawn:
            yield Restore(container=workload.id)


def _let_sleep(situation: Situation, workload: Workload) -> Iterator[Action]:
    """End what an update may go back to; frozen it may stay: that memory is counted as its own."""
    frozen = workload.state is TaskState.PAUSED and not situation.deep
    if workload.state is not TaskState.NONE and not frozen:
        yield from _part(situation, workload, Stop(container=workload.id))


def _part(situation: Situation, workload: Workload, end: Stop | Pause | Remove) -> Iterator[Action]:
    """A replica that may be at work leaves the rotation first, and ends when it is drained.

    What could not be ended is tried again ever later, as what could not be started is.
    """
    if not _runs(workload) or workload.id in situation.drained:
        if not _waits(situation, workload.id):
            yield end
    elif workload.id not in situation.withdrawn:
        yield Withdraw(container=workload.id)


def _find_kept(situation: Situation, wanted: Function) -> frozenset[int | None]:
    """Return the older generations that are kept.

    Nobody knows yet whether the new one of a function that is asleep would answer: until it did,
    the one before stays.
    """
    names = [wanted.container_id(replica) for replica in range(wanted.replicas)]
    if _recreates(wanted) or (names and all(name in situation.ready for name in names)):
        return frozenset()
    return _find_serving(situation, wanted) if names else frozenset((situation.previous,))


def _find_serving(situation: Situation, wanted: Function) -> frozenset[int | None]:
    """Return the older generations that are kept until the wanted one is whole.

    Those in the rotation are, of which there may be two where one update overtook another, and the
    one that was whole before, to go back to. Where none answers, the newest that runs and may yet.
    """
    older = [w for w in situation.found if w.generation != wanted.generation and _runs(w)]
    ready = serving_generations(w.generation for w in older if w.id in situation.ready)
    newest = max((w.generation for w in older if w.id not in situation.late), default=None)
    return frozenset[int | None]((*(ready or {newest}), situation.previous))


def _recreates(wanted: Function) -> bool:
    return read_strategy(wanted.deployment.labels) is Strategy.RECREATE


def waits_for_older(situation: Situation, wanted: Function) -> bool:
    """Tell whether replicas of another generation must end before this one starts."""
    older = (w for w in situation.found if w.generation != wanted.generation)
    in_memory = (TaskState.RUNNING, TaskState.PAUSED)
    return _recreates(wanted) and any(workload.state in in_memory for workload in older)


def _waits(situation: Situation, container: str) -> bool:
    """Tell whether a container failed, and is not tried again yet."""
    failure = situation.failures.get(container)
    return failure is not None and failure.retry_at > situation.now


def _runs(workload: Workload | None) -> bool:
    return workload is not None and workload.state is TaskState.RUNNING


def _lost_surroundings(workload: Workload) -> bool:
    return workload.record.has_network and workload.address is None
