"""Port `Events`: containerd's event stream, taken up again whenever it breaks."""

import logging
from collections.abc import Callable, Iterator, Mapping
from threading import Event, Lock

from google.protobuf.any_pb2 import Any as AnyMessage

from faasd.base.errors import FaasdError
from faasd.node.adapters.containerd.channel import Channel, Scope, Stream
from faasd.node.adapters.containerd.protos import task_events_pb2 as pb
from faasd.node.adapters.containerd.protos.events_pb2 import Envelope, SubscribeRequest
from faasd.node.domain.events import EventKind, NodeEvent

RETRY = 0.2
"""Seconds between tries to reach a containerd that is away."""

log = logging.getLogger(__name__)


class ContainerdEvents:
    """The events of tasks, from every namespace."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._closed = Event()
        self._lock = Lock()
        self._stream: Stream[Envelope] | None = None

    def stream(self) -> Iterator[NodeEvent]:
        """Yield events until `close`."""
        while not self._closed.is_set():
            try:
                yield from self._subscribe()
            except FaasdError as error:
                if not self._closed.wait(RETRY):
                    log.info("waiting for containerd's events: %s", error)

    def close(self) -> None:
        """End the stream."""
        self._closed.set()
        with self._lock:
            if self._stream is not None:
                self._stream.cancel()

    def _subscribe(self) -> Iterator[NodeEvent]:
        stream = self._channel.stream(
            "events.v1.Events/Subscribe",
            SubscribeRequest(filters=['topic~="^/tasks/"']),
            Envelope,
            Scope(timeout=None),
        )
        with self._lock:
            self._stream = stream
        if self._closed.is_set():
            stream.cancel()
        stream.wait_until_open()
        yield NodeEvent(kind=EventKind.RESYNC)
        for envelope in stream:
            event = _event(envelope)
            if event is not None:
                yield event


def _started(namespace: str, data: bytes) -> NodeEvent:
    message = pb.TaskStart.FromString(data)
    return NodeEvent(kind=EventKind.STARTED, namespace=namespace, container=message.container_id)


def _exited(namespace: str, data: bytes) -> NodeEvent | None:
    message = pb.TaskExit.FromString(data)
    if message.id != message.container_id:
        return None  # A process that was run in the container, not the container.
    return NodeEvent(
        kind=EventKind.EXITED,
        namespace=namespace,
        container=message.container_id,
        exit_status=message.exit_status,
    )


def _oom(namespace: str, data: bytes) -> NodeEvent:
    message = pb.TaskOOM.FromString(data)
    return NodeEvent(kind=EventKind.OOM, namespace=namespace, container=message.container_id)


def _paused(namespace: str, data: bytes) -> NodeEvent:
    message = pb.TaskPaused.FromString(data)
    return NodeEvent(kind=EventKind.PAUSED, namespace=namespace, container=message.container_id)


def _resumed(namespace: str, data: bytes) -> NodeEvent:
    message = pb.TaskResumed.FromString(data)
    return NodeEvent(kind=EventKind.RESUMED, namespace=namespace, container=message.container_id)


_READERS: Mapping[str, Callable[[str, bytes], NodeEvent | None]] = {
    "/tasks/start": _started,
    "/tasks/exit": _exited,
    "/tasks/oom": _oom,
    "/tasks/paused": _paused,
    "/tasks/resumed": _resumed,
}


def _event(envelope: Envelope) -> NodeEvent | None:
    reader = _READERS.get(envelope.topic)
    data: AnyMessage = envelope.event
    return reader(envelope.namespace, data.value) if reader else None
