"""Port `Events`: containerd's event stream, taken up again whenever it breaks."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from threading import Event, Lock, Thread

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.empty_pb2 import Empty

from faasd.base.errors import FaasdError
from faasd.base.names import CORE_NAMESPACE
from faasd.node.adapters.containerd.channel import Channel, Scope, Stream
from faasd.node.adapters.containerd.protos import task_events_pb2 as pb
from faasd.node.adapters.containerd.protos.events_pb2 import (
    Envelope,
    PublishRequest,
    SubscribeRequest,
)
from faasd.node.domain.events import EventKind, NodeEvent

RETRY = 0.2
"""Seconds between tries to reach a containerd that is away."""

_GREETING = "/faasd/greeting"
_GREETING_PAUSE = 0.05

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
        stream = self._open()
        subscribed = Event()
        greeter = Thread(target=self._greet, args=(subscribed,), name="events-greeter")
        greeter.start()
        try:
            for envelope in stream:
                if not subscribed.is_set():
                    subscribed.set()
                    yield NodeEvent(kind=EventKind.RESYNC)
                event = _event(envelope)
                if event is not None:
                    yield event
        finally:
            stream.cancel()
            subscribed.set()
            greeter.join()

    def _open(self) -> Stream[Envelope]:
        stream = self._channel.stream(
            "events.v1.Events/Subscribe",
            SubscribeRequest(filters=['topic~="^/tasks/"', f'topic=="{_GREETING}"']),
            Envelope,
            Scope(timeout=None),
        )
        with self._lock:
            self._stream = stream
        if self._closed.is_set():
            stream.cancel()
        return stream

    def _greet(self, subscribed: Event) -> None:
        """Publish events of our own until one comes back.

        containerd says nothing when a subscription has begun; what happens before that is lost.
        """
        request = PublishRequest(topic=_GREETING, event=AnyMessage())
        while not (subscribed.is_set() or self._closed.is_set()):
            with suppress(FaasdError):
                self._channel.call(
                    "events.v1.Events/Publish", request, Empty, Scope(namespace=CORE_NAMESPACE)
                )
            subscribed.wait(_GREETING_PAUSE)


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
