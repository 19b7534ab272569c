"""A container that wants more memory than it may have: what the kernel did is known afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from faasd.node.domain.container import ContainerSpec, Limits, Task, TaskState
from faasd.node.domain.events import EventKind, NodeEvent
from tests.machine.accidents import kill_hard
from tests.machine.processes import wait_until
from tests.node.isolation.shell import IMAGE, NAMESPACE, Shell

MIB = 2**20
EAT = "busybox tail /dev/zero"


@dataclass
class Running:
    """A container that runs a script."""

    shell: Shell

    @property
    def oom_kills(self) -> int:
        usage = self.shell.node.workloads.usage(NAMESPACE, "eater.1.0")
        return usage.oom_kills if usage else 0

    def wait(self) -> int:
        wait_until(lambda: self.task.state is TaskState.STOPPED, 20, "the script's end")
        return self.task.exit_status

    @property
    def task(self) -> Task:
        found = self.shell.node.workloads.find(NAMESPACE, "eater.1.0")
        assert found
        return found.task


@contextmanager
def running(shell: Shell, script: str) -> Iterator[Running]:
    spec = ContainerSpec(
        namespace=NAMESPACE,
        id="eater.1.0",
        name="eater",
        image=IMAGE,
        entrypoint=("/bin/busybox", "sh", "-c", script),
        limits=Limits(memory=16 * MIB),
        shim_group="group",
    )
    workloads = shell.node.workloads
    workloads.create(spec)
    try:
        workloads.start(NAMESPACE, spec.id)
        yield Running(shell)
    finally:
        workloads.remove(NAMESPACE, spec.id)


@contextmanager
def listening(shell: Shell) -> Iterator[list[NodeEvent]]:
    heard: list[NodeEvent] = []
    stream = shell.node.events.stream()

    def hear() -> None:
        for event in stream:
            heard.append(event)  # noqa: PERF402  # as they come

    thread = Thread(target=hear)
    thread.start()
    wait_until(lambda: bool(heard), 10, "the stream's beginning")
    try:
        yield heard
    finally:
        shell.node.events.close()
        thread.join()


def test_one_that_was_killed_for_its_memory_is_told_from_one_that_was_not(shell: Shell) -> None:
    with running(shell, f"exec {EAT}") as eater:
        assert eater.wait() == 137
        assert eater.oom_kills > 0
    with running(shell, "exec busybox sleep 60") as killed:
        kill_hard(killed.task.pid)
        assert killed.wait() == 137
        assert killed.oom_kills == 0


def test_a_process_of_it_that_was_killed_is_counted_while_it_goes_on(shell: Shell) -> None:
    with listening(shell) as heard, running(shell, f"{EAT}; exec busybox sleep 60") as eater:
        wait_until(lambda: eater.oom_kills > 0, 20, "the kill")
        wait_until(
            lambda: any(event.kind is EventKind.OOM for event in heard), 20, "the event of it"
        )
        assert {e.container for e in heard if e.kind is EventKind.OOM} == {"eater.1.0"}
