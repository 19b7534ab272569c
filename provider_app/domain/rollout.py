"""Whether an update is done, or is given up: pure."""

from dataclasses import dataclass

from provider_app.domain.decide import Situation, waits_for_older
from provider_app.domain.function import Function


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """All replicas of the new generation answered: there is no way back any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBack:
    """Want the generation before again; `reason` is why."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """An update under way.

    Attributes:
        previous: the function before it, of the last generation that was wholly ready.
        give_up_at: on the clock of `Situation.now`; None while its image is still being fetched.
    """

    previous: Function
    give_up_at: float | None


def has_begun(situation: Situation) -> bool:
    """Tell whether a container of the wanted generation was made, or could not be.

    One that may not start before others have ended has not begun: their grace is not its time.
    """
    if situation.wanted is None or waits_for_older(situation, situation.wanted):
        return False
    names = {situation.wanted.container_id(number) for number in range(situation.wanted.replicas)}
    return any(workload.id in names for workload in situation.found) or any(
        name in situation.failures for name in names
    )


def decide_rollout(situation: Situation, rollout: Rollout) -> Done | RollBack | None:
    """Decide about an update; None is to wait. A function that is asleep is not judged."""
    wanted = situation.wanted
    if wanted is None or wanted.replicas == 0:
        return None
    names = [wanted.container_id(replica) for replica in range(wanted.replicas)]
    if all(name in situation.ready for name in names):
        return Done()
    if rollout.give_up_at is None or situation.now < rollout.give_up_at:
        return None
    reasons = (situation.failures[name].reason for name in names if name in situation.failures)
    return RollBack(reason=next(reasons, "it did not answer"))
