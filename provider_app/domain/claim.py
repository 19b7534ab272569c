"""What one function asks of the node's memory: pure."""

from dataclasses import dataclass, replace

from provider_app.domain.budget import Ask, Budget
from provider_app.domain.function import Function
from provider_app.domain.scaling import is_paused_asleep, read_scaling


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A function, and what it may be again.

    Attributes:
        previous: what it was before an update that is under way, or None.
        deep: asleep, it is stopped, whatever its label says.
        trial: asleep, one replica of it runs all the same.
    """

    wanted: Function
    previous: Function | None = None
    deep: bool = False
    trial: bool = False


def ask_of(claim: Claim, budget: Budget) -> Ask:
    """Return what counts: of an update under way the larger side, so that there is a way back.

    The moments in which both are in memory are not counted.
    """
    asks = [_ask(claim.wanted, budget, _count(claim.wanted, deep=claim.deep, trial=claim.trial))]
    if claim.previous is not None:
        before = _as_before(claim.previous, claim.wanted.replicas)
        asks.append(_ask(before, budget, _count(before, deep=claim.deep, trial=False)))
    return max(asks, key=lambda ask: ask.memory)


def _as_before(previous: Function, replicas: int) -> Function:
    """Return what would be wanted if the update was taken back."""
    if replicas == 0:
        return replace(previous, replicas=0)
    scaling = read_scaling(previous.deployment.labels)
    return replace(previous, replicas=min(max(replicas, scaling.least), scaling.most))


def _count(function: Function, *, deep: bool, trial: bool) -> int:
    if function.replicas > 0:
        return function.replicas
    return int(trial or (not deep and is_paused_asleep(function.deployment.labels)))


def _ask(function: Function, budget: Budget, replicas: int) -> Ask:
    request = budget.request_of(function.deployment)
    return Ask(name=function.deployment.name, replicas=replicas, request=request)
