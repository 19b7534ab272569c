"""What every machine promises after a reboot, a crash, and in a crowd."""

import threading

import pytest

from faasd.base.errors import NotFound, Unavailable
from faasd.node.domain.container import TaskState, Workload
from tests.contract.backends import NAMESPACE, Backend
from tests.contract.containers import answers, eventually, running, spec, state


def test_after_a_reboot_the_container_is_found_without_address(backend: Backend) -> None:
    running(backend)

    backend.reboot()
    found = backend.node.workloads.find(NAMESPACE, "fn.1.0")

    assert found is not None
    assert found.address is None
    assert found.state is TaskState.NONE


def test_after_a_reboot_creating_again_restores_what_was_taken(backend: Backend) -> None:
    running(backend)
    backend.reboot()

    with pytest.raises(NotFound, match="create it again"):
        backend.node.workloads.start(NAMESPACE, "fn.1.0")
    backend.node.workloads.create(spec())
    workload = backend.node.workloads.start(NAMESPACE, "fn.1.0")

    assert eventually(lambda: answers(workload.address))


def test_sweep_frees_what_has_no_container_and_spares_what_has(backend: Backend) -> None:
    workload = running(backend)
    backend.node.networks.attach(NAMESPACE, "lost.1.0")

    removed = backend.node.workloads.sweep([NAMESPACE])

    assert len(removed) == 1
    assert "lost.1.0" in removed[0]
    assert not [trace for trace in backend.traces() if "lost" in trace]
    assert eventually(lambda: answers(workload.address))


def test_a_runtime_that_is_down_is_unavailable_and_comes_back(backend: Backend) -> None:
    workload = running(backend)
    backend.down()

    with pytest.raises(Unavailable):
        backend.node.workloads.list(NAMESPACE)
    backend.up()

    assert eventually(lambda: state(backend) is TaskState.RUNNING)
    assert eventually(lambda: answers(workload.address))


def test_many_containers_made_at_once_all_answer(backend: Backend) -> None:
    made: list[Workload] = []

    def make(number: int) -> None:
        made.append(running(backend, id=f"fn.1.{number}", replica=number))

    threads = [threading.Thread(target=make, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({workload.address for workload in made}) == 8
    assert all(eventually(lambda w=w: answers(w.address)) for w in made)  # type: ignore[misc]


def test_after_a_reboot_a_container_whose_root_is_gone_is_made_anew(backend: Backend) -> None:
    running(backend)
    backend.reboot()
    backend.node.workloads._parts.roots.remove(NAMESPACE, "fn.1.0")

    backend.node.workloads.create(spec())
    again = backend.node.workloads.start(NAMESPACE, "fn.1.0")

    assert eventually(lambda: answers(again.address))
