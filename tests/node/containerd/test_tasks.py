"""Port `Tasks` on real containerd."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer

import pytest

from faasd.base.errors import AlreadyExists, NotFound, TimedOut, Unsatisfiable
from faasd.node.adapters.containerd.tasks import SHIM_PATIENCE
from faasd.node.domain.container import Limits, TaskState
from tests.machine.processes import is_alive, wait_until
from tests.node.containerd.layouts import busybox, tar
from tests.node.containerd.place import BUSYBOX, Place, kill, process_of

NAME = "fn.1.0"
SPIN = ("sh", "-c", "while :; do :; done")


def test_a_program_runs_as_the_user_asked_for(place: Place) -> None:
    place.run(NAME, "id", user="1234:77")
    place.client.tasks.wait(place.namespace, NAME, 5)

    assert place.output(NAME).strip() == "uid=1234 gid=77"


def test_a_task_runs_until_its_program_ends_and_tells_its_status(place: Place) -> None:
    pid = place.run(NAME, "sh", "-c", "echo out; echo err >&2; exit 7")

    assert place.client.tasks.wait(place.namespace, NAME, 5)
    task = place.client.tasks.find(place.namespace, NAME)

    assert task is not None
    assert (task.id, task.state, task.pid) == (NAME, TaskState.STOPPED, pid)
    assert task.exit_status == 7
    assert task.exited_at is not None
    assert datetime.now(UTC) - task.exited_at < timedelta(minutes=1)
    assert place.output(NAME) == "out\n"


def test_a_second_start_is_refused_while_there_is_a_task(place: Place) -> None:
    place.run(NAME, "sleep", "60")

    with pytest.raises(AlreadyExists):
        place.start(NAME)

    assert place.state(NAME) is TaskState.RUNNING


def test_a_deleted_task_can_be_started_again(place: Place) -> None:
    place.run(NAME, "true")
    place.client.tasks.wait(place.namespace, NAME, 5)
    place.client.tasks.delete(place.namespace, NAME)

    assert place.state(NAME) is TaskState.NONE
    assert place.start(NAME) > 0


@pytest.mark.parametrize(
    ("command", "said"),
    [("nothing-here", "nothing-here.*not found"), ("/etc/motd", "permission denied")],
)
def test_what_cannot_be_run_says_why_and_leaves_no_task(
    place: Place, command: str, said: str
) -> None:
    motd = tar({"etc/x": ""}, {"etc/motd": "/etc"})
    place.client.images.put(place.namespace, place.writer.layout(BUSYBOX, busybox(), motd))
    place.make(NAME, command)

    with pytest.raises(Unsatisfiable, match=f"^cannot run: .*{said}"):
        place.start(NAME)

    assert place.state(NAME) is TaskState.NONE
    assert place.ctr("tasks", "ls", "-q") == []


def test_starting_what_does_not_exist_is_not_found(place: Place) -> None:
    with pytest.raises(NotFound):
        place.start(NAME)


def test_a_signal_reaches_the_program(place: Place) -> None:
    place.run(NAME, "sh", "-c", "trap 'exit 9' TERM; echo up; while :; do sleep 0.01; done")
    wait_until(lambda: "up" in place.output(NAME), 5, "the program is up")

    place.client.tasks.signal(place.namespace, NAME, signal.SIGTERM)

    assert place.client.tasks.wait(place.namespace, NAME, 5)
    task = place.client.tasks.find(place.namespace, NAME)
    assert task is not None
    assert task.exit_status == 9


def test_waiting_ends_when_the_time_is_over(place: Place) -> None:
    place.run(NAME, "sleep", "60")

    assert not place.client.tasks.wait(place.namespace, NAME, 0.05)


def test_kill_ends_every_process_of_the_container(place: Place) -> None:
    place.run(NAME, "sh", "-c", "sleep 600 & echo $!; wait")
    wait_until(lambda: len(pids(place)) == 2, 5, "two processes")
    before = pids(place)

    place.client.tasks.kill(place.namespace, NAME)

    assert place.client.tasks.wait(place.namespace, NAME, 5)
    wait_until(lambda: not any(map(is_alive, before)), 5, "both are gone")


def pids(place: Place) -> list[int]:
    words = place.ctr("tasks", "ps", NAME)
    return [int(word) for word in words if word.isdecimal()]


def test_what_is_done_to_a_task_that_is_gone_is_a_success(place: Place) -> None:
    place.make(NAME, "true")
    tasks = place.client.tasks

    tasks.signal(place.namespace, NAME, signal.SIGTERM)
    tasks.kill(place.namespace, NAME)
    tasks.delete(place.namespace, NAME)

    assert tasks.wait(place.namespace, NAME, 1)
    assert tasks.find(place.namespace, NAME) is None


def test_signals_to_a_task_that_ended_are_a_success(place: Place) -> None:
    place.run(NAME, "true")
    place.client.tasks.wait(place.namespace, NAME, 5)

    place.client.tasks.signal(place.namespace, NAME, signal.SIGTERM)
    place.client.tasks.kill(place.namespace, NAME)

    assert place.state(NAME) is TaskState.STOPPED


def test_a_paused_task_uses_no_cpu_and_goes_on_when_resumed(place: Place) -> None:
    pid = place.run(NAME, *SPIN)
    tasks = place.client.tasks

    tasks.pause(place.namespace, NAME)
    assert place.state(NAME) is TaskState.PAUSED
    frozen = cpu_ticks(pid)
    assert not tasks.wait(place.namespace, NAME, 0.2)
    assert cpu_ticks(pid) == frozen
    tasks.resume(place.namespace, NAME)

    assert place.state(NAME) is TaskState.RUNNING
    wait_until(lambda: cpu_ticks(pid) > frozen, 5, "it goes on")


def cpu_ticks(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11])


def test_resuming_what_runs_and_pausing_what_is_paused_is_not_found(place: Place) -> None:
    place.run(NAME, "sleep", "60")
    tasks = place.client.tasks

    with pytest.raises(NotFound, match="is not paused"):
        tasks.resume(place.namespace, NAME)
    tasks.pause(place.namespace, NAME)

    with pytest.raises(NotFound, match="does not run"):
        tasks.pause(place.namespace, NAME)


def test_pausing_and_resuming_what_is_not_there_is_not_found(place: Place) -> None:
    for act in (place.client.tasks.pause, place.client.tasks.resume):
        with pytest.raises(NotFound):
            act(place.namespace, NAME)


def test_usage_counts_the_memory_and_cpu_of_the_container(place: Place) -> None:
    place.run(NAME, "dd", "if=/dev/zero", "of=/dev/null", "bs=20M")
    wait_until(lambda: memory(place) > 20 * 2**20, 10, "20 MB are used")

    used = place.client.tasks.usage(place.namespace, NAME)

    assert used is not None
    assert 20 * 2**20 < used.memory < 40 * 2**20
    assert used.cpu_nanoseconds > 1_000_000


def memory(place: Place) -> int:
    used = place.client.tasks.usage(place.namespace, NAME)
    return used.memory if used else 0


def test_nothing_running_uses_nothing(place: Place) -> None:
    place.make(NAME, "true")

    assert place.client.tasks.usage(place.namespace, NAME) is None


def test_a_container_that_takes_too_much_memory_is_killed(place: Place) -> None:
    limits = Limits(memory=16 * 2**20)
    place.run(NAME, "dd", "if=/dev/zero", "of=/dev/null", "bs=200M", limits=limits)

    assert place.client.tasks.wait(place.namespace, NAME, 20)
    task = place.client.tasks.find(place.namespace, NAME)

    assert task is not None
    assert task.exit_status == 128 + signal.SIGKILL


def test_containers_of_a_group_share_a_shim_and_others_do_not(place: Place) -> None:
    first = place.run("a.1.0", "sleep", "60", shim_group="g")
    second = place.run("b.1.0", "sleep", "60", shim_group="g")
    alone = place.run("c.1.0", "sleep", "60")

    shims = [process_of(pid)[1] for pid in (first, second, alone)]

    assert shims[0] == shims[1] != shims[2]
    assert process_of(shims[0])[0].startswith("containerd-shim")


def test_a_container_of_a_group_that_ends_leaves_the_others_running(place: Place) -> None:
    first = place.run("a.1.0", "sleep", "60", shim_group="g")
    second = place.run("b.1.0", "sleep", "60", shim_group="g")

    # The shim carries the name of the first; it stays for the second.
    place.end("a.1.0")

    assert not is_alive(first)
    assert is_alive(second)
    assert place.state("b.1.0") is TaskState.RUNNING
    assert place.run("a.1.0", "sleep", "60", shim_group="g") > 0


def test_the_end_of_a_shim_ends_the_containers_of_its_group_alone(place: Place) -> None:
    first = place.run("a.1.0", "sleep", "60", shim_group="g")
    second = place.run("b.1.0", "sleep", "60", shim_group="g")
    alone = place.run("c.1.0", "sleep", "60")

    kill(process_of(first)[1])

    wait_until(lambda: not is_alive(first) and not is_alive(second), 5, "the group's end")
    wait_until(lambda: place.state("a.1.0") is TaskState.NONE, 5, "containerd knows")
    wait_until(lambda: place.state("b.1.0") is TaskState.NONE, 5, "containerd knows")
    assert is_alive(alone)
    assert place.start("a.1.0") > 0


def test_a_task_whose_shim_is_too_busy_to_answer_still_runs(place: Place) -> None:
    pid = place.run(NAME, "sleep", "60")
    with silent_shim(pid, 3.0):
        assert place.state(NAME) is TaskState.RUNNING
        assert place.client.tasks.list(place.namespace)[0].state is TaskState.RUNNING


def test_a_task_whose_shim_stays_silent_is_told_as_nothing_and_a_list_does_not_wait_for_it(
    place: Place,
) -> None:
    pid = place.run(NAME, "sleep", "60")
    with silent_shim(pid, SHIM_PATIENCE + 8):
        begin = time.monotonic()
        (listed,) = place.client.tasks.list(place.namespace)
        listing = time.monotonic() - begin
        with pytest.raises(TimedOut, match=f"the shim of container {NAME} does not answer"):
            place.client.tasks.find(place.namespace, NAME)

    assert (listed.id, listed.state, listed.pid) == (NAME, TaskState.RUNNING, 0)
    assert listing < 5
    found = place.client.tasks.find(place.namespace, NAME)
    assert found is not None
    assert (found.state, found.pid) == (TaskState.RUNNING, pid)


@contextmanager
def silent_shim(pid: int, seconds: float) -> Iterator[None]:
    """Let the shim of a process do nothing for so long; wait for its return."""
    shim = process_of(pid)[1]
    os.kill(shim, signal.SIGSTOP)
    waking = Timer(seconds, os.kill, (shim, signal.SIGCONT))
    waking.start()
    try:
        yield
    finally:
        waking.join()
