"""What the event stream of every machine promises."""

import threading
from collections.abc import Iterator
from queue import Empty, SimpleQueue

import pytest

from faasd.node.domain.events import EventKind, NodeEvent
from tests.contract.backends import NAMESPACE, Backend
from tests.contract.containers import running

Listener = SimpleQueue[NodeEvent]


@pytest.fixture
def events(backend: Backend) -> Iterator[Listener]:
    heard: Listener = SimpleQueue()
    stream = backend.node.events.stream()

    def hear() -> None:
        for event in stream:
            heard.put(event)

    thread = threading.Thread(target=hear)
    thread.start()
    yield heard
    backend.node.events.close()
    thread.join(5)
    assert not thread.is_alive()


def wait_for(events: Listener, kind: EventKind) -> NodeEvent:
    for _ in range(20):
        try:
            event = events.get(timeout=5)
        except Empty:
            break
        if event.kind is kind:
            return event
    raise AssertionError(f"no {kind} within 5 s")


def test_the_stream_begins_with_a_resync(events: Listener) -> None:
    assert events.get(timeout=5).kind is EventKind.RESYNC


def test_a_start_is_told(backend: Backend, events: Listener) -> None:
    wait_for(events, EventKind.RESYNC)
    running(backend)

    assert wait_for(events, EventKind.STARTED).container == "fn.1.0"


def test_an_exit_is_told_with_its_status(backend: Backend, events: Listener) -> None:
    wait_for(events, EventKind.RESYNC)
    running(backend, "exit", command=("3",))

    event = wait_for(events, EventKind.EXITED)

    assert (event.namespace, event.container, event.exit_status) == (NAMESPACE, "fn.1.0", 3)


def test_pause_and_resume_are_told(backend: Backend, events: Listener) -> None:
    wait_for(events, EventKind.RESYNC)
    running(backend)
    backend.node.workloads.pause(NAMESPACE, "fn.1.0")
    backend.node.workloads.resume(NAMESPACE, "fn.1.0")

    assert wait_for(events, EventKind.PAUSED).container == "fn.1.0"
    assert wait_for(events, EventKind.RESUMED).container == "fn.1.0"


def test_a_runtime_that_was_down_brings_a_resync(backend: Backend, events: Listener) -> None:
    wait_for(events, EventKind.RESYNC)
    backend.down()
    backend.up()

    assert wait_for(events, EventKind.RESYNC).kind is EventKind.RESYNC
