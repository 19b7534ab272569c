"""A function's state in one word and one sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from faasd.node.domain.container import TaskState, Workload
from provider_app.domain.failures import Failure, Failures
from provider_app.domain.function import Function

STATE = "com.openfaas.status.state"
REASON = "com.openfaas.status.reason"
LOG = "com.openfaas.status.log"
"""Annotations that `describe` shows in unchanged clients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionState:
    """What a function is at.

    Attributes:
        word: asleep, pending, starting, ready, degraded or failed.
        reason: why it is not ready, or why its last update was taken back; else empty.
        available: how many replicas answer, of whichever generation serves.
        failed: the container whose failure is the reason; else empty.
        log: the last lines that it printed; empty where nobody asked for them.
    """

    word: str
    reason: str
    available: int
    failed: str = ""
    log: str = ""

    @property
    def annotations(self) -> Mapping[str, str]:
        """The annotations that tell it."""
        told = {STATE: self.word, REASON: self.reason, LOG: self.log}
        return {name: text for name, text in told.items() if text}


def read_state(
    wanted: Function, found: Sequence[Workload], ready: Sequence[str], failures: Failures
) -> FunctionState:
    """Tell what a function is at.

    Args:
        wanted: the function.
        found: its containers, of every generation.
        ready: the identifiers of those that answer.
        failures: of its replicas.
    """
    current = [wanted.container_id(replica) for replica in range(wanted.replicas)]
    here = sum(name in ready for name in current)
    failed = next((name for name in current if name in failures), "")
    reason = _describe(failures[failed]) if failed else ""
    if wanted.replicas == 0:
        return FunctionState(word="asleep", reason="", available=0)
    if here == wanted.replicas:
        return FunctionState(word="ready", reason="", available=here)
    older = sum(workload.id in ready for workload in found if workload.id not in current)
    word = _word(current, found, failed=bool(reason), serving=here + older)
    if word == "failed" and _falls_back(wanted, found, failures):
        word = "starting"
    if word == "starting":
        reason = reason or "it runs, but does not answer on port 8080 yet"
    return FunctionState(word=word, reason=reason, available=here or older, failed=failed)


def _word(current: Sequence[str], found: Sequence[Workload], *, failed: bool, serving: int) -> str:
    if failed:
        return "degraded" if serving else "failed"
    runs = [w for w in found if w.id in current and w.state is TaskState.RUNNING]
    return "starting" if runs else "pending"


def _falls_back(wanted: Function, found: Sequence[Workload], failures: Failures) -> bool:
    """Tell whether the generation before a failed one may answer soon."""
    older = (workload for workload in found if workload.generation < wanted.generation)
    return any(w.state is TaskState.RUNNING and w.id not in failures for w in older)


def _describe(failure: Failure) -> str:
    often = f" ({failure.count} times in a row)" if failure.count > 1 else ""
    return failure.reason + often
