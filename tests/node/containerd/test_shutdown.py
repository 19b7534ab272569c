"""A machine that goes down ends containers, which know nothing of it, by what the kernel knows."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.installer.paths import RUN_DIR, Machine
from faasd.installer.shutdown import end_containers
from faasd.node.domain.container import TaskState
from tests.machine.processes import wait_until
from tests.node.containerd.place import Place

LISTENS = ("sh", "-c", "trap 'exit 7' TERM; echo up; while :; do sleep 60 & wait; done")
REFUSES = ("sh", "-c", "trap 'echo no' TERM; echo up; while :; do sleep 60 & wait; done")
KILLED = 128 + 9


@pytest.fixture
def ours(place: Place) -> Iterator[Place]:
    """A namespace whose containers called `fn.…` have what our networks leave of themselves."""
    directory = Path(RUN_DIR, "netns")
    directory.mkdir(parents=True, exist_ok=True)
    marks = [directory / f"{place.namespace}_fn.{number}.0" for number in range(1, 5)]
    for mark in marks:
        mark.touch()
    yield place
    for mark in marks:
        mark.unlink()


def start(place: Place, container: str, *command: str) -> None:
    place.run(container, *command)
    wait_until(lambda: "up" in place.output(container), 10, f"{container} is up")


def status(place: Place, container: str) -> int:
    """Return how the container ended."""
    assert place.client.tasks.wait(place.namespace, container, 10), container
    task = place.client.tasks.find(place.namespace, container)
    assert task is not None
    return task.exit_status


def test_who_listens_ends_by_itself_and_all_others_are_killed_in_time(ours: Place) -> None:
    start(ours, "fn.1.0", *LISTENS)
    start(ours, "fn.2.0", *REFUSES)
    ours.run("fn.3.0", "sleep", "60")

    began = time.monotonic()
    said = end_containers(Machine(), grace=1.0)

    assert time.monotonic() - began < 4
    assert said == "3 containers: 1 ended by themselves, 0 left"
    found = {name: status(ours, name) for name in ("fn.1.0", "fn.2.0", "fn.3.0")}
    assert found == {"fn.1.0": 7, "fn.2.0": KILLED, "fn.3.0": KILLED}


def test_a_process_may_call_itself_what_it_likes(ours: Place) -> None:
    ours.run("fn.3.0", "sleep", "60")
    name = "import ctypes, time; ctypes.CDLL(None).prctl(15, b'caf\\xc3'); print(); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-uc", name], stdout=subprocess.PIPE) as odd:
        assert odd.stdout is not None
        odd.stdout.readline()
        said = end_containers(Machine(), grace=1.0)
        odd.kill()

    assert said.startswith("1 containers")


def test_what_cannot_hear_is_not_waited_for(ours: Place) -> None:
    """The kernel drops a SIGTERM that the first process of a container has no handler for."""
    ours.run("fn.3.0", "sleep", "60")
    start(ours, "fn.4.0", *LISTENS)
    ours.client.tasks.pause(ours.namespace, "fn.4.0")

    began = time.monotonic()
    end_containers(Machine(), grace=30.0)

    assert time.monotonic() - began < 10
    assert [status(ours, name) for name in ("fn.3.0", "fn.4.0")] == [KILLED, KILLED]


def test_containers_of_others_go_on(ours: Place) -> None:
    ours.run("theirs", "sleep", "60")

    assert end_containers(Machine()).startswith("0 containers")

    assert ours.state("theirs") is TaskState.RUNNING
