from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.cli.report import (
    ExitCode,
    FunctionLine,
    MemoryLine,
    Part,
    Report,
    decide_exit_code,
    lines_from_provider,
    lines_from_workloads,
    read_memory,
    render_memory,
    render_report,
)
from faasd.cli.table import render_table
from faasd.node.domain.container import (
    LABEL_NAME,
    ContainerRecord,
    Task,
    TaskState,
    Workload,
)

FINE = Part(name="provider", state="answers")
DOWN = Part(name="provider", state="does not answer", advice="sudo faasd start")


def _line(wanted: int | None, ready: int) -> FunctionLine:
    return FunctionLine(
        namespace="openfaas-fn", name="fn", wanted=wanted, ready=ready, state="x", reason=""
    )


def _workload(name: str, replica: int, state: TaskState) -> Workload:
    container = f"{name}.1.{replica}"
    record = ContainerRecord(
        namespace="openfaas-fn",
        id=container,
        image="i",
        labels={LABEL_NAME: name},
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return Workload(record=record, task=Task(id=container, state=state), address=None)


@pytest.mark.parametrize(
    ("part", "line", "code"),
    [
        (FINE, _line(1, 1), ExitCode.FINE),
        (FINE, _line(0, 0), ExitCode.FINE),
        (FINE, _line(None, 0), ExitCode.FINE),
        (FINE, _line(2, 1), ExitCode.FUNCTIONS_DIFFER),
        (DOWN, _line(2, 1), ExitCode.NODE_DOWN),
    ],
)
def test_the_status_code_tells_a_node_that_is_down_from_functions_that_are_not_ready(
    part: Part, line: FunctionLine, code: ExitCode
) -> None:
    assert decide_exit_code(Report(parts=(part,), functions=(line,))) is code


def test_what_is_down_is_shown_with_what_to_do() -> None:
    text = render_report(Report(parts=(DOWN,), functions=()))
    assert "provider  does not answer  sudo faasd start" in text
    assert text.endswith("no functions")


def test_the_providers_answer_becomes_a_line_with_the_reason() -> None:
    (line,) = lines_from_provider(
        [
            {
                "name": "fn",
                "namespace": "openfaas-fn",
                "replicas": 1,
                "availableReplicas": 0,
                "annotations": {
                    "com.openfaas.status.state": "failed",
                    "com.openfaas.status.reason": "no such image",
                },
            }
        ]
    )
    assert line.wanted == 1
    assert (line.ready, line.state, line.reason) == (0, "failed", "no such image")


@pytest.mark.parametrize(
    ("wanted", "ready", "state"), [(0, 0, "scaled to zero"), (1, 1, "ready"), (2, 1, "starting")]
)
def test_without_a_state_the_counts_tell_it(wanted: int, ready: int, state: str) -> None:
    (line,) = lines_from_provider([{"name": "a", "replicas": wanted, "availableReplicas": ready}])
    assert line.state == state


def test_without_the_provider_containers_are_counted_and_wanted_is_unknown() -> None:
    found = [
        _workload("b", 0, TaskState.RUNNING),
        _workload("b", 1, TaskState.STOPPED),
        _workload("a", 0, TaskState.PAUSED),
    ]
    first, second = lines_from_workloads(found)
    assert (first.name, first.ready, first.state) == ("a", 0, "paused")
    assert (second.name, second.ready, second.state) == ("b", 1, "running, stopped")
    assert "  ?  " in render_report(Report(parts=(), functions=(second,)))


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_whatever_cells_hold_a_row_is_one_line(rows: list[tuple[str, str]]) -> None:
    text = render_table(("A", "B"), rows)
    assert len(text.split("\n")) == 1 + len(rows)
    assert all(char.isprintable() or char == "\n" for char in text)


def test_the_budget_of_memory_is_a_bar() -> None:
    told = {"totalBytes": 500 << 20, "reservedBytes": 200 << 20, "requestedBytes": 100 << 20}
    memory = read_memory({"memory": told})
    assert memory is not None

    bar = "#" * 10 + "." * 20
    assert render_memory(memory) == f"MEMORY  [{bar}]  functions ask for 100 of 300 MiB"
    assert read_memory({"arch": "amd64"}) is None


def test_a_bar_is_never_longer_than_itself() -> None:
    over = MemoryLine(room=0, requested=1 << 40)

    assert f"[{'#' * 30}]" in render_memory(over)
