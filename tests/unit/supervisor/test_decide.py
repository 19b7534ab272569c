from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from faasd.node.domain.container import ContainerRecord, Task, TaskState, Workload
from faasd.supervisor.attempts import LONGEST_PAUSE, Attempts
from faasd.supervisor.compose.spec import to_spec
from faasd.supervisor.decide import Remove, Restarted, Seen, Start, Wanted, decide, is_well
from faasd.supervisor.health import Health
from tests.unit.supervisor.files import image, services

CHAIN = """
services:
  nats: {image: n, restart: RESTART, healthcheck: {test: x}}
  worker: {image: w, depends_on: {nats: {condition: CONDITION}}}
"""


def chain(condition: str = "service_healthy", restart: str = "always") -> list[Wanted]:
    text = CHAIN.replace("CONDITION", condition).replace("RESTART", restart)
    return [
        Wanted(service=one, spec=to_spec(one, Path("/x"), image("sha256:1")))
        for one in services(text)
    ]


def seen(
    wanted: Wanted,
    state: TaskState = TaskState.RUNNING,
    health: Health = Health.STARTING,
    attempts: Attempts | None = None,
    status: int = 1,
    pid: int = 7,
) -> Seen:
    record = ContainerRecord(
        namespace="openfaas",
        id=wanted.name,
        image="x",
        labels=wanted.spec.labels,
        created_at=datetime.now(UTC),
    )
    task = Task(id=wanted.name, state=state, pid=pid, exit_status=status)
    workload = Workload(record=record, task=task, address="10.62.0.2")
    return Seen(workload=workload, health=health, attempts=attempts or Attempts(starts=1))


def test_a_service_waits_for_the_health_of_what_it_depends_on() -> None:
    nats, worker = wanted = chain()

    assert decide(wanted, {}, 0) == [Start(wanted=nats)]
    assert decide(wanted, {"nats": seen(nats)}, 0) == []
    healthy = seen(nats, health=Health.HEALTHY)
    assert decide(wanted, {"nats": healthy}, 0) == [Start(wanted=worker)]


def test_a_service_that_waits_for_a_start_only_starts_with_it_running() -> None:
    nats, worker = wanted = chain("service_started")

    assert decide(wanted, {"nats": seen(nats)}, 0) == [Start(wanted=worker)]


def test_what_runs_is_let_be_even_when_what_it_depends_on_is_gone() -> None:
    nats, worker = wanted = chain()

    assert decide(wanted, {"worker": seen(worker)}, 0) == [Start(wanted=nats)]


def test_an_unhealthy_service_is_restarted_when_its_pause_is_over() -> None:
    nats, _ = wanted = chain()
    paused = Attempts(count=2, not_before=5, starts=2)
    found = {"nats": seen(nats, health=Health.UNHEALTHY, attempts=paused)}

    assert decide(wanted, found, 4.9) == []
    assert decide(wanted, found, 5) == [Restarted(wanted=nats, why="it is unhealthy")]


def test_an_ended_service_is_started_as_its_policy_says() -> None:
    failed = {
        policy: decide([w := chain(restart=policy)[0]], {"nats": seen(w, TaskState.STOPPED)}, 0)
        for policy in ("always", "unless-stopped", "on-failure", "no")
    }
    succeeded = {
        policy: decide(
            [w := chain(restart=policy)[0]], {"nats": seen(w, TaskState.STOPPED, status=0)}, 0
        )
        for policy in ("always", "unless-stopped", "on-failure", "no")
    }

    assert [policy for policy, done in failed.items() if not done] == ["no"]
    assert [policy for policy, done in succeeded.items() if not done] == ["on-failure", "no"]


def test_no_policy_keeps_a_service_from_its_first_start() -> None:
    nats = chain(restart="no")[0]
    left = seen(nats, TaskState.STOPPED, status=0, attempts=Attempts())

    assert decide([nats], {"nats": left}, 0) == [Start(wanted=nats)]


def test_a_container_made_otherwise_is_removed_at_once() -> None:
    old, new = chain(restart="no")[0], chain()[0]
    changed = Wanted(service=new.service, spec=to_spec(new.service, Path("/y"), image("sha256:2")))

    assert decide([changed], {"nats": seen(old)}, 0) == [
        Remove(container="nats", why="the file or its image changed")
    ]


def test_what_the_file_no_longer_has_is_removed() -> None:
    nats, worker = chain()
    found = {"nats": seen(nats, health=Health.HEALTHY), "worker": seen(worker)}

    assert decide([nats], found, 0) == [Remove(container="worker", why="it is not in the file")]


@given(st.lists(st.sampled_from(["another", "well"]), max_size=50), st.floats(0, 1e6))
def test_pauses_double_up_to_a_minute_and_are_over_when_it_is_well(
    steps: list[str], now: float
) -> None:
    attempts, pause = Attempts(), 0.0
    for step in steps:
        attempts = attempts.another(now) if step == "another" else attempts.well()
        before, pause = pause, max(0.0, attempts.not_before - now)
        assert pause <= LONGEST_PAUSE + 1e-6
        assert pause == 0 if step == "well" else pause >= before * 0.999

    assert attempts.well().not_before == 0


def test_a_service_whose_process_nobody_could_tell_of_is_left_alone_and_not_well() -> None:
    nats, _ = chain()
    known = seen(nats, health=Health.HEALTHY, pid=7)
    unknown = seen(nats, health=Health.HEALTHY, pid=0)

    assert is_well([nats], {"nats": known})
    assert not is_well([nats], {"nats": unknown})
    assert decide([nats], {"nats": unknown}, 0) == []
