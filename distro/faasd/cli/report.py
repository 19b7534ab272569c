"""What `faasd status` says: values and words, without any I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from faasd.cli.table import render_table
from faasd.node.domain.container import TaskState, Workload

UNKNOWN = "?"
_MIB = 1024 * 1024
_BAR = 30
STATE = "com.openfaas.status.state"
REASON = "com.openfaas.status.reason"
"""Annotations in which the provider tells a function's state (docs/errors.md)."""


class ExitCode(IntEnum):
    """How `faasd status` ends."""

    FINE = 0
    NODE_DOWN = 1
    FUNCTIONS_DIFFER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the node.

    Attributes:
        state: a few words.
        advice: what to do about it; empty when it is fine.
    """

    name: str
    state: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionLine:
    """One function; what is not known is None.

    Attributes:
        wanted: replicas that there should be; only the provider knows.
        ready: replicas that answer.
        state: a word; ``reason`` says why where it is not as wanted.
    """

    namespace: str
    name: str
    wanted: int | None
    ready: int
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreLine:
    """One core service.

    Attributes:
        health: empty where nobody knows it.
        restarts: since `faasd up` began; only that knows.
        memory: bytes; None where nothing runs.
    """

    name: str
    state: str
    health: str
    restarts: int | None
    memory: int | None
    image: str

    @property
    def is_well(self) -> bool:
        """Tell whether it runs, and is not known to be unwell."""
        return self.state == TaskState.RUNNING.value and self.health in ("healthy", "unchecked", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryLine:
    """The memory that functions may ask for, and what they ask for, in bytes."""

    room: int
    requested: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that `faasd status` shows."""

    parts: tuple[Part, ...]
    functions: tuple[FunctionLine, ...]
    core: tuple[CoreLine, ...] = ()
    memory: MemoryLine | None = None


def render_report(report: Report) -> str:
    """Return the report as text."""
    parts = [(part.name, part.state, part.advice) for part in report.parts]
    text = render_table(("PART", "STATE", "WHAT TO DO"), parts)
    if report.core:
        text += f"\n\n{render_core(report.core)}"
    if report.memory:
        text += f"\n\n{render_memory(report.memory)}"
    if not report.functions:
        return f"{text}\n\nno functions"
    rows = [_cells(line) for line in report.functions]
    head = ("NAMESPACE", "FUNCTION", "WANTED", "READY", "STATE", "REASON")
    return f"{text}\n\n{render_table(head, rows)}"


def render_core(core: Sequence[CoreLine]) -> str:
    """Return the core services as a table."""
    rows = [
        (
            line.name,
            line.state,
            line.health,
            UNKNOWN if line.restarts is None else str(line.restarts),
            "" if line.memory is None else f"{line.memory / _MIB:.0f} MiB",
            line.image,
        )
        for line in core
    ]
    return render_table(("CORE SERVICE", "STATE", "HEALTH", "RESTARTS", "MEMORY", "IMAGE"), rows)


def render_memory(memory: MemoryLine) -> str:
    """Return the budget as a bar: what replicas ask for, of what they may."""
    share = memory.requested / memory.room if memory.room else 1.0
    full = min(round(share * _BAR), _BAR)
    numbers = f"{memory.requested / _MIB:,.0f} of {memory.room / _MIB:,.0f} MiB"
    return f"MEMORY  [{'#' * full}{'.' * (_BAR - full)}]  functions ask for {numbers}"


def read_memory(info: Mapping[str, object]) -> MemoryLine | None:
    """Return the budget that `/system/info` tells, or None."""
    told = info.get("memory")
    if not isinstance(told, Mapping):
        return None
    total, reserved = int(told["totalBytes"]), int(told["reservedBytes"])
    return MemoryLine(room=max(total - reserved, 0), requested=int(told["requestedBytes"]))


def decide_exit_code(report: Report) -> ExitCode:
    """Decide from the parts first: with one of them down, functions cannot be judged."""
    if any(part.advice for part in report.parts) or not all(one.is_well for one in report.core):
        return ExitCode.NODE_DOWN
    if any(line.wanted is not None and line.ready < line.wanted for line in report.functions):
        return ExitCode.FUNCTIONS_DIFFER
    return ExitCode.FINE


def lines_from_provider(statuses: Sequence[Mapping[str, object]]) -> tuple[FunctionLine, ...]:
    """Return the lines for the provider's answer (`FunctionStatus`, see docs)."""
    lines = [
        FunctionLine(
            namespace=str(status.get("namespace", "")),
            name=str(status.get("name", "")),
            wanted=_count(status, "replicas"),
            ready=_count(status, "availableReplicas"),
            state=_annotation(status, STATE) or _state_of(status),
            reason=_annotation(status, REASON),
        )
        for status in statuses
    ]
    return tuple(sorted(lines, key=lambda line: (line.namespace, line.name)))


def lines_from_workloads(workloads: Sequence[Workload]) -> tuple[FunctionLine, ...]:
    """Return the lines for the containers found, where nobody knows what is wanted."""
    names = sorted({(workload.namespace, workload.name) for workload in workloads})
    return tuple(_line_from_containers(where, workloads) for where in names)


def _line_from_containers(where: tuple[str, str], workloads: Sequence[Workload]) -> FunctionLine:
    own = [one for one in workloads if (one.namespace, one.name) == where]
    running = sum(one.state is TaskState.RUNNING for one in own)
    states = sorted({one.state.value for one in own})
    return FunctionLine(
        namespace=where[0], name=where[1], wanted=None, ready=running, state=", ".join(states)
    )


def _state_of(status: Mapping[str, object]) -> str:
    wanted, ready = _count(status, "replicas"), _count(status, "availableReplicas")
    if wanted == 0:
        return "scaled to zero"
    return "ready" if ready >= wanted else "starting"


def _annotation(status: Mapping[str, object], key: str) -> str:
    annotations = status.get("annotations")
    return str(annotations.get(key, "")) if isinstance(annotations, dict) else ""


def _count(status: Mapping[str, object], key: str) -> int:
    value = status.get(key, 0)
    return value if isinstance(value, int) else 0


def _cells(line: FunctionLine) -> tuple[str, ...]:
    wanted = UNKNOWN if line.wanted is None else str(line.wanted)
    return (line.namespace, line.name, wanted, str(line.ready), line.state, line.reason)
