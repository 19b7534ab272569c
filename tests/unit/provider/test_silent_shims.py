"""A container of which containerd cannot say in time what it is at."""

from dataclasses import replace

from faasd.node.domain.container import Task, TaskState
from provider_app.domain.function import FunctionKey
from provider_app.domain.replica import Replica, see_again
from tests.unit.provider.making import NAME, workload
from tests.unit.provider.running import NAMESPACE, RunningProvider, eventually

ONE = (NAMESPACE, "echo.1.0")
PAUSED = {"faasd.sleep.depth": "paused"}


def test_it_stays_as_it_was_and_the_others_of_its_function_are_looked_after(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready(labels={"com.openfaas.scale.min": "2"})
    before = {name: each.task.pid for name, each in provider.workloads().items()}
    provider.world.silent.add(ONE)

    provider.world.crash(NAMESPACE, "echo.1.1")

    assert eventually(lambda: provider.workloads()["echo.1.1"].task.pid != before["echo.1.1"])
    assert eventually(lambda: provider.status()["availableReplicas"] == 2)
    provider.world.silent.clear()
    assert not eventually(lambda: provider.status()["availableReplicas"] != 2, 0.5)
    assert provider.workloads()[ONE[1]].task.pid == before["echo.1.0"]


def test_a_frozen_one_that_is_woken_is_tried_again_soon(provider: RunningProvider) -> None:
    provider.deploy_ready(labels=PAUSED)
    provider.scale("echo", 0)
    assert eventually(lambda: provider.workloads()[ONE[1]].state is TaskState.PAUSED)
    provider.world.silent.add(ONE)
    assert provider.client.post("/system/awaken/echo").status_code == 202
    assert not eventually(lambda: provider.state() == "ready", 0.3)

    provider.world.silent.clear()

    assert eventually(lambda: provider.state() == "ready", 3)
    assert provider.client.get("/function/echo").status_code == 200


def test_a_provider_that_begins_meanwhile_waits_until_it_is_known(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready()
    pid = provider.workloads()[ONE[1]].task.pid
    provider.stop()
    provider.world.silent.add(ONE)
    provider.start()
    assert not eventually(lambda: provider.state() == "failed", 0.5)

    provider.world.silent.clear()

    assert eventually(lambda: provider.state() == "ready", 3)
    assert provider.workloads()[ONE[1]].task.pid == pid


def test_one_that_was_routed_stays_ready_when_its_process_is_told() -> None:
    running = workload()
    key = FunctionKey(namespace=NAMESPACE, name=NAME)
    unknown = replace(running, task=replace(running.task, pid=0))
    never_ran = replace(running, task=Task(id=running.id))

    assert see_again(Replica(key=key, workload=unknown, ready=True), running).ready
    assert not see_again(Replica(key=key, workload=never_ran, ready=True), running).ready
