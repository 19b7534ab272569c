"""Updates under way: which are done, and which are given up."""

import logging

from provider_app.domain.decide import Situation
from provider_app.domain.function import Function, FunctionKey
from provider_app.domain.probe import read_probe
from provider_app.domain.rollout import Done, RollBack, Rollout, decide_rollout, has_begun
from provider_app.domain.scaling import read_scaling
from provider_app.services.store import Store

log = logging.getLogger(__name__)


class Rollouts:
    """Judges updates; one function is never judged by two threads at once.

    Args:
        patience: seconds that a new generation has to become ready. They are counted from its
            first container and the delay that its label asks for, and anew after a restart of the
            provider, and after a sleep.
    """

    def __init__(self, store: Store, patience: float) -> None:
        self._store = store
        self._patience = patience
        self._give_up_at: dict[FunctionKey, tuple[int, float]] = {}

    def judge(self, key: FunctionKey, situation: Situation, previous: Function | None) -> bool:
        """Note that an update is done, or take it back; tell whether something else is wanted now.

        After a trial of a function that is asleep it is: nobody wants the replica any more.

        Args:
            key: of the function.
            situation: what it is at.
            previous: what it was before an update that is under way, or None.
        """
        wanted = situation.wanted
        if wanted is None or previous is None or wanted.replicas == 0:
            self._give_up_at.pop(key, None)
            return False
        rollout = Rollout(previous=previous, give_up_at=self._find_end(key, situation))
        match decide_rollout(situation, rollout):
            case Done():
                self._store.settle(key, wanted.generation)
                return self._store.sleeps.end_trial(key, wanted.generation)
            case RollBack(reason=reason):
                told = f"the update was rolled back after {self._patience:g} s: {reason}"
                log.warning("%s: generation %s: %s", key, wanted.generation, told)
                scaling = read_scaling(previous.deployment.labels)
                return self._store.roll_back(key, wanted.generation, told, scaling)
            case None:
                pass
        return False

    def next_look(self, key: FunctionKey, now: float) -> float | None:
        """Return when an update's time is over, or None."""
        _, end = self._give_up_at.get(key, (0, 0.0))
        return end if end > now else None

    def _find_end(self, key: FunctionKey, situation: Situation) -> float | None:
        wanted = situation.wanted
        known, end = self._give_up_at.get(key, (0, 0.0))
        if wanted is not None and known == wanted.generation:
            return end
        if wanted is None or not has_begun(situation):
            return None
        end = situation.now + read_probe(wanted.deployment.labels).delay + self._patience
        self._give_up_at[key] = (wanted.generation, end)
        return end
