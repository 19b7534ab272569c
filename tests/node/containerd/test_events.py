"""Port `Events` on real containerd: nothing is missed without a RESYNC."""

import queue
import threading
import time
from collections.abc import Iterator

import pytest

from faasd.base.errors import Unavailable
from faasd.node.adapters.containerd.client import ContainerdClient
from faasd.node.domain.container import Limits, TaskState
from faasd.node.domain.events import EventKind, NodeEvent
from tests.machine.processes import is_alive, wait_until
from tests.node.containerd.place import Place, kill, process_of

NAME = "fn.1.0"


class Listener:
    """Listens in a thread of its own."""

    def __init__(self, client: ContainerdClient) -> None:
        self._client = client
        self._heard: queue.Queue[NodeEvent] = queue.Queue()
        self._thread = threading.Thread(target=self._listen, name="listener")
        self._thread.start()

    def next(self, kind: EventKind, seconds: float = 10) -> NodeEvent:
        """Wait for the next event of a kind."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                event = self._heard.get(timeout=left)
            except queue.Empty:
                break
            if event.kind is kind:
                return event
        raise AssertionError(f"no {kind} within {seconds} s")

    def close(self) -> float:
        """End the stream; return the seconds that took."""
        began = time.monotonic()
        self._client.events.close()
        self._thread.join(10)
        assert not self._thread.is_alive()
        return time.monotonic() - began

    def _listen(self) -> None:
        for event in self._client.events.stream():
            self._heard.put(event)


@pytest.fixture
def listener(place: Place) -> Iterator[Listener]:
    made = Listener(place.client)
    made.next(EventKind.RESYNC)
    yield made
    made.close()


def test_a_task_s_life_is_told_in_order(place: Place, listener: Listener) -> None:
    place.run(NAME, "sleep", "60")
    place.client.tasks.pause(place.namespace, NAME)
    place.client.tasks.resume(place.namespace, NAME)
    place.client.tasks.kill(place.namespace, NAME)

    kinds = (EventKind.STARTED, EventKind.PAUSED, EventKind.RESUMED, EventKind.EXITED)
    heard = [listener.next(kind) for kind in kinds]

    assert {(event.namespace, event.container) for event in heard} == {(place.namespace, NAME)}
    assert heard[-1].exit_status == 137


def test_the_end_of_a_program_is_told_with_its_status(place: Place, listener: Listener) -> None:
    place.run(NAME, "sh", "-c", "exit 3")

    assert listener.next(EventKind.EXITED).exit_status == 3


def test_a_program_run_beside_is_not_taken_for_the_container(
    place: Place, listener: Listener
) -> None:
    place.run(NAME, "sleep", "60")

    place.client.execs.run(place.namespace, NAME, ["true"], 5)
    place.client.tasks.kill(place.namespace, NAME)

    assert listener.next(EventKind.EXITED).exit_status == 137


def test_the_end_of_memory_is_told(place: Place, listener: Listener) -> None:
    # The shim begins to watch the memory once the program runs: what is quicker, it never sees.
    command = "sleep 2; dd if=/dev/zero of=/dev/null bs=200M"
    place.run(NAME, "sh", "-c", command, limits=Limits(memory=16 * 2**20))

    assert listener.next(EventKind.OOM).container == NAME


def test_the_end_of_a_shim_is_told_as_that_of_its_container(
    place: Place, listener: Listener
) -> None:
    pid = place.run(NAME, "sleep", "60")

    kill(process_of(pid)[1])

    assert listener.next(EventKind.EXITED).container == NAME
    wait_until(lambda: not is_alive(pid), 5, "the container is gone, too")


def test_a_containerd_that_was_killed_leaves_tasks_running_and_is_found_again(
    place: Place, listener: Listener
) -> None:
    pid = place.run(NAME, "sleep", "60")
    place.daemon.kill()
    with pytest.raises(Unavailable):
        place.client.tasks.list(place.namespace)

    place.daemon.start()
    up = time.monotonic()

    listener.next(EventKind.RESYNC)
    assert time.monotonic() - up < 2
    assert place.state(NAME) is TaskState.RUNNING
    assert is_alive(pid)
    place.client.tasks.kill(place.namespace, NAME)
    assert listener.next(EventKind.EXITED).container == NAME


def test_what_ended_while_containerd_was_away_is_found_after_the_resync(
    place: Place, listener: Listener
) -> None:
    pid = place.run(NAME, "sleep", "60")
    place.daemon.kill()
    kill(pid)
    place.daemon.start()

    listener.next(EventKind.RESYNC)

    wait_until(lambda: place.state(NAME) is TaskState.STOPPED, 5, "it is seen stopped")


def test_close_ends_a_quiet_stream_at_once(place: Place) -> None:
    listener = Listener(place.client)
    listener.next(EventKind.RESYNC)

    assert listener.close() < 1


def test_close_ends_a_stream_that_waits_for_containerd(place: Place) -> None:
    listener = Listener(place.client)
    listener.next(EventKind.RESYNC)
    place.daemon.kill()
    try:
        assert listener.close() < 1
    finally:
        place.daemon.start()


def test_a_stream_that_nobody_reads_any_more_ends(place: Place) -> None:
    stream = place.client.events.stream()
    before = threading.active_count()

    assert next(stream).kind is EventKind.RESYNC
    assert threading.active_count() > before
    stream.close()  # type: ignore[attr-defined]

    wait_until(lambda: threading.active_count() == before, 5, "its thread ends")
