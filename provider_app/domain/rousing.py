"""What may be started by what was last seen of a function, before it is looked at again. Pure."""

from collections.abc import Sequence

from faasd.node.domain.container import TaskState, Workload
from provider_app.domain.decide import Situation, Start, decide


def is_at_rest(workload: Workload) -> bool:
    """Tell whether a container waits to be started or thawed."""
    return workload.state in (TaskState.NONE, TaskState.PAUSED)


def decide_at_once(known: Situation) -> Sequence[Start]:
    """Return the starts that a function needs; none where it needs anything else as well.

    Only for what sleeps as it should: no update, no failure, nothing of an older generation.
    """
    wanted = known.wanted
    if wanted is None or known.previous is not None or known.failures:
        return ()
    if not all(workload.generation == wanted.generation for workload in known.found):
        return ()
    actions = decide(known)
    starts = [action for action in actions if isinstance(action, Start)]
    resting = {workload.id for workload in known.found if is_at_rest(workload)}
    plain = len(starts) == len(actions) and all(start.container in resting for start in starts)
    return starts if plain else ()
