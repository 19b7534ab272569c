"""What every machine behind `faasd.node` promises, in memory and on real containerd alike."""

import threading
import time
from pathlib import Path

import pytest

from faasd.base.errors import AlreadyExists, NotFound, Unsatisfiable
from faasd.node.domain.container import SecretFile, TaskState
from tests.contract.backends import NAMESPACE, Backend
from tests.contract.containers import answers, eventually, running, spec, state


def test_created_container_has_an_address_and_does_not_run(backend: Backend) -> None:
    made = backend.node.workloads.create(spec())

    assert made.address
    assert made.state is TaskState.NONE


def test_started_container_answers_on_its_address(backend: Backend) -> None:
    workload = running(backend)

    assert workload.state is TaskState.RUNNING
    assert eventually(lambda: answers(workload.address))


def test_labels_tell_name_generation_and_replica(backend: Backend) -> None:
    backend.node.workloads.create(spec(labels={"team": "blue"}, generation=7, replica=2))

    found = backend.node.workloads.find(NAMESPACE, "fn.1.0")

    assert found is not None
    assert (found.name, found.generation, found.replica) == ("fn", 7, 2)
    assert found.record.labels["team"] == "blue"


def test_two_containers_have_different_addresses(backend: Backend) -> None:
    one = backend.node.workloads.create(spec())
    two = backend.node.workloads.create(spec(id="fn.1.1", replica=1))

    assert one.address != two.address


def test_stopped_container_keeps_its_address_and_starts_again(backend: Backend) -> None:
    first = running(backend)

    backend.node.workloads.stop(NAMESPACE, "fn.1.0")
    stopped = state(backend)
    again = backend.node.workloads.start(NAMESPACE, "fn.1.0")

    assert stopped is TaskState.NONE
    assert again.address == first.address
    assert eventually(lambda: answers(again.address))


def test_a_container_that_ignores_sigterm_is_killed_after_its_grace(backend: Backend) -> None:
    workload = running(backend, "stubborn", grace=0.3)
    assert eventually(lambda: answers(workload.address))

    started = time.monotonic()
    backend.node.workloads.stop(NAMESPACE, "fn.1.0")

    assert time.monotonic() - started >= 0.3
    assert state(backend) is TaskState.NONE


def test_starting_what_runs_changes_nothing(backend: Backend) -> None:
    first = running(backend)

    second = backend.node.workloads.start(NAMESPACE, "fn.1.0")

    assert second.task.pid == first.task.pid


def test_paused_container_lets_a_request_wait_until_it_is_resumed(backend: Backend) -> None:
    workload = running(backend)
    assert eventually(lambda: answers(workload.address))

    backend.node.workloads.pause(NAMESPACE, "fn.1.0")
    paused = state(backend)
    answered = threading.Event()

    def ask() -> None:
        if answers(workload.address):
            answered.set()

    asking = threading.Thread(target=ask)
    asking.start()
    early = answered.wait(0.2)
    backend.node.workloads.resume(NAMESPACE, "fn.1.0")
    asking.join()

    assert paused is TaskState.PAUSED
    assert not early
    assert answered.is_set()


def test_starting_a_paused_container_resumes_it(backend: Backend) -> None:
    workload = running(backend)
    assert eventually(lambda: answers(workload.address))
    backend.node.workloads.pause(NAMESPACE, "fn.1.0")

    backend.node.workloads.start(NAMESPACE, "fn.1.0")

    assert state(backend) is TaskState.RUNNING
    assert answers(workload.address)


def test_thawing_keeps_the_process_and_starts_what_ended_meanwhile(backend: Backend) -> None:
    running(backend)
    backend.node.workloads.pause(NAMESPACE, "fn.1.0")
    paused = backend.node.workloads.find(NAMESPACE, "fn.1.0")
    assert paused is not None

    thawed = backend.node.workloads.thaw(paused)
    assert thawed == backend.node.workloads.find(NAMESPACE, "fn.1.0")
    assert thawed.task.pid == paused.task.pid

    backend.node.workloads.stop(NAMESPACE, "fn.1.0")
    started = backend.node.workloads.thaw(paused)
    assert started == backend.node.workloads.find(NAMESPACE, "fn.1.0")
    assert started.state is TaskState.RUNNING


def test_a_paused_container_can_be_removed(backend: Backend) -> None:
    running(backend)
    backend.node.workloads.pause(NAMESPACE, "fn.1.0")

    backend.node.workloads.remove(NAMESPACE, "fn.1.0")

    assert backend.traces() == []


def test_pausing_what_does_not_run_says_not_found(backend: Backend) -> None:
    backend.node.workloads.create(spec())

    with pytest.raises(NotFound):
        backend.node.workloads.pause(NAMESPACE, "fn.1.0")


def test_removed_container_leaves_nothing(backend: Backend) -> None:
    running(backend)

    backend.node.workloads.remove(NAMESPACE, "fn.1.0")

    assert backend.traces() == []
    assert backend.node.workloads.list(NAMESPACE) == []


def test_removing_twice_is_a_success(backend: Backend) -> None:
    running(backend)

    backend.node.workloads.remove(NAMESPACE, "fn.1.0")
    backend.node.workloads.remove(NAMESPACE, "fn.1.0")

    assert backend.traces() == []


def test_second_container_of_the_same_id_is_refused_and_the_first_unharmed(
    backend: Backend,
) -> None:
    workload = running(backend)

    with pytest.raises(AlreadyExists):
        backend.node.workloads.create(spec())

    assert eventually(lambda: answers(workload.address))


def test_missing_image_is_named_and_leaves_nothing(backend: Backend) -> None:
    with pytest.raises(Unsatisfiable, match=r"docker\.io/library/missing:latest"):
        backend.node.workloads.create(spec("missing"))

    assert backend.traces() == []


def test_missing_secret_is_named_and_leaves_nothing(backend: Backend, tmp_path: Path) -> None:
    secret = SecretFile(name="api-key", source=str(tmp_path / "api-key"))

    with pytest.raises(Unsatisfiable, match="api-key"):
        backend.node.workloads.create(spec(secrets=(secret,)))

    assert backend.traces() == []


def test_missing_user_is_named_and_leaves_nothing(backend: Backend) -> None:
    with pytest.raises(Unsatisfiable, match="nobody-here"):
        backend.node.workloads.create(spec(user="nobody-here"))

    assert backend.traces() == []


def test_missing_program_is_named_and_no_task_is_left(backend: Backend) -> None:
    backend.node.workloads.create(spec(entrypoint=("/bin/no-such-program",)))

    with pytest.raises(Unsatisfiable, match="no-such-program"):
        backend.node.workloads.start(NAMESPACE, "fn.1.0")

    assert state(backend) is TaskState.NONE


def test_starting_what_does_not_exist_says_not_found(backend: Backend) -> None:
    with pytest.raises(NotFound, match=r"fn\.9\.9"):
        backend.node.workloads.start(NAMESPACE, "fn.9.9")


def test_a_program_that_ended_is_seen_with_its_status(backend: Backend) -> None:
    running(backend, "exit", command=("3",))

    assert eventually(lambda: state(backend) is TaskState.STOPPED)
    found = backend.node.workloads.find(NAMESPACE, "fn.1.0")

    assert found is not None
    assert found.task.exit_status == 3
    assert found.task.exited_at is not None


def test_a_program_that_ended_can_be_started_again(backend: Backend) -> None:
    workload = running(backend)
    backend.crash("fn.1.0")
    assert eventually(lambda: state(backend) is TaskState.STOPPED)

    backend.node.workloads.start(NAMESPACE, "fn.1.0")

    assert eventually(lambda: answers(workload.address))


def test_usage_is_told_while_it_runs_only(backend: Backend) -> None:
    running(backend)
    used = backend.node.workloads.usage(NAMESPACE, "fn.1.0")
    backend.node.workloads.stop(NAMESPACE, "fn.1.0")

    assert used is not None
    assert used.memory > 0
    assert backend.node.workloads.usage(NAMESPACE, "fn.1.0") is None


def test_a_line_written_for_a_container_goes_where_its_own_go_and_waits_for_nobody(
    backend: Backend,
) -> None:
    running(backend)
    found = backend.node.workloads.find(NAMESPACE, "fn.1.0")
    assert found

    for _ in range(1000):
        backend.node.workloads.print_line(found, "a line of the node's own\nin two" * 200)
