"""Runs of a supervisor that end when all is well, and those that go on after them."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.base.errors import Unavailable
from faasd.node.domain.container import TaskState
from faasd.supervisor.course import Course, Remembered
from tests.unit.supervisor.running import NAMESPACE, RunningSupervisor, eventually, soon

CHECKED = "healthcheck: {test: x, interval: 50ms, retries: 2}"
TWO = f"""
  nats: {{image: serve, {CHECKED}, ports: ['127.0.0.1:18222:8222']}}
  worker: {{image: serve, {CHECKED}, depends_on: [nats]}}
"""


@pytest.fixture
def up(tmp_path: Path) -> Iterator[RunningSupervisor]:
    running = RunningSupervisor(tmp_path)
    running.course = Course(rests=True)
    yield running
    running.close()


def go_on(up: RunningSupervisor, *unhealthy: str, reloads: bool = False) -> None:
    """Start the run that goes on after one that rests."""
    remembered, told = up.remembered[-1], up.told[-1]
    up.course = Course(
        rests=True,
        recall=lambda: remembered,
        reloads=reloads,
        restarts={name: notice.restarts for name, notice in told.items()},
        unhealthy=frozenset(unhealthy),
    )
    up.start()


def rest(up: RunningSupervisor) -> None:
    up.start()
    assert eventually(up.has_ended)


def test_it_ends_when_all_are_healthy_and_leaves_them_running(up: RunningSupervisor) -> None:
    up.world.exec_status[NAMESPACE, "nats"] = 1
    up.write(TWO.replace("retries: 2", "retries: 2, start_period: 1h"))
    up.start()
    assert not soon(up.has_ended)

    up.world.exec_status.clear()

    assert eventually(up.has_ended)
    assert up.runs("nats", "worker")
    assert len(up.published[-1]) == 1
    assert {(n.state, n.health, n.restarts) for n in up.told[-1].values()} == {
        ("running", "healthy", 0)
    }
    assert up.told[-1]["nats"].pid == up.pid("nats")


def test_the_next_run_starts_what_ended_and_touches_nothing_else(up: RunningSupervisor) -> None:
    up.write(TWO)
    rest(up)
    nats, worker = up.pid("nats"), up.pid("worker")
    up.world.crash(NAMESPACE, "nats")

    go_on(up)

    assert eventually(lambda: up.has_ended() and up.pid("nats") not in (0, nats))
    assert up.pid("worker") == worker
    assert {name: notice.restarts for name, notice in up.told[-1].items()} == {
        "nats": 1,
        "worker": 0,
    }


def test_the_next_run_restarts_what_was_found_unhealthy(up: RunningSupervisor) -> None:
    up.write(TWO)
    rest(up)
    nats, worker = up.pid("nats"), up.pid("worker")

    go_on(up, "worker")

    assert eventually(lambda: up.has_ended() and up.pid("worker") not in (0, worker))
    assert up.pid("nats") == nats


def test_an_edited_file_counts_only_when_somebody_says_so(up: RunningSupervisor) -> None:
    up.write(TWO)
    rest(up)
    worker = up.pid("worker")
    up.write(TWO.replace("depends_on", "mem_limit: 1g, depends_on"))

    go_on(up)
    assert eventually(up.has_ended)
    before = up.pid("worker")
    go_on(up, reloads=True)

    assert eventually(lambda: up.has_ended() and up.pid("worker") not in (0, worker))
    assert before == worker


def test_a_bad_file_stops_no_repair(
    up: RunningSupervisor, caplog: pytest.LogCaptureFixture
) -> None:
    up.write(TWO)
    rest(up)
    nats = up.pid("nats")
    up.write("  nats: {imago: x}\n")
    up.world.crash(NAMESPACE, "nats")

    go_on(up, reloads=True)

    assert eventually(lambda: up.has_ended() and up.pid("nats") not in (0, nats))
    assert "not reloaded, everything goes on as it was" in caplog.text


def test_a_run_that_goes_on_removes_nothing_when_it_fails(up: RunningSupervisor) -> None:
    up.write(TWO)
    rest(up)

    up.course = Course(rests=True, recall=_forgotten)
    up.start()

    assert "forgotten" in str(up.failed())
    assert up.runs("nats", "worker")


def _forgotten() -> Remembered:
    raise Unavailable("forgotten")


def test_what_may_end_is_well_when_it_has(up: RunningSupervisor) -> None:
    up.write("  once: {image: exit, command: '0', restart: on-failure}\n")
    up.start()

    assert eventually(up.has_ended)
    assert up.state("once") is TaskState.STOPPED


def test_what_a_killed_life_left_running_is_kept_when_the_file_is_bad(
    up: RunningSupervisor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    up.write(TWO)
    up.leave_behind()
    up.write("  nats: {imago: x}\n")
    up.start()

    assert "imago" in str(up.failed())
    assert up.runs("nats", "worker")


def test_it_waits_for_a_runtime_that_is_not_there_yet(up: RunningSupervisor) -> None:
    up.write(TWO)
    up.world.answers = False
    up.start()
    assert not soon(up.has_ended)

    up.world.answers = True

    assert eventually(up.has_ended)
    assert up.runs("nats", "worker")
