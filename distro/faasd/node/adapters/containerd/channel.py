"""Calls to containerd: namespaces, leases and deadlines in one place."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

import grpc

from faasd.node.adapters.containerd.failures import translate

CALL_TIMEOUT = 30.0
"""Seconds that a call may take unless it says otherwise."""

MAX_MESSAGE = 16 * 2**20
"""Bytes; containerd's own default."""

# gRPC looks after a connection only while a call is under way, and else this often: 5 s were lost
# after each restart of containerd. It reads this once, when the first channel is made.
os.environ.setdefault("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", "200")

_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    # containerd is on this machine: try again soon when it was away. The minimum is no such
    # wait, whatever its name says, but how long a connection may take to be made: at 50 ms a busy
    # small machine never had one.
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 10_000),
    ("grpc.max_reconnect_backoff_ms", 300),
)


class Message(Protocol):
    """A generated protobuf message."""

    def SerializeToString(self) -> bytes:  # noqa: N802
        """Return its bytes."""
        ...

    @classmethod
    def FromString(cls, s: bytes) -> Self:  # noqa: N802
        """Read it from bytes."""
        ...


Answer = TypeVar("Answer", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a call is about.

    Attributes:
        namespace: containerd namespace.
        lease: protects what the call makes from the garbage collector.
        timeout: seconds; None for a stream without end, which waits for containerd to be there.
    """

    namespace: str = ""
    lease: str = ""
    timeout: float | None = CALL_TIMEOUT

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The headers containerd reads."""
        pairs = (("containerd-namespace", self.namespace), ("containerd-lease", self.lease))
        return tuple((key, value) for key, value in pairs if value)


ANYWHERE = Scope()


class Channel:
    """A connection to containerd's socket; any thread may use it.

    Methods are named as ``tasks.v1.Tasks/Create``, below ``containerd.services``. All raise
    FaasdError, see `failures`.

    Attributes:
        socket: where containerd listens.
    """

    def __init__(self, socket: str) -> None:
        self.socket = socket
        self._channel = grpc.insecure_channel(f"unix:{socket}", options=_OPTIONS)

    def close(self) -> None:
        """End every call under way, and the connection."""
        self._channel.close()

    def call(self, method: str, request: Message, answer: type[Answer], scope: Scope) -> Answer:
        """Send one message, return the one that answers it."""
        calling = self._channel.unary_unary(_path(method), _serialize, answer.FromString)
        try:
            answered: Answer = calling(request, timeout=scope.timeout, metadata=scope.metadata)
        except grpc.RpcError as error:
            raise translate(error, method) from error
        return answered

    def stream(
        self, method: str, request: Message, answer: type[Answer], scope: Scope
    ) -> "Stream[Answer]":
        """Send one message, return the stream that answers it.

        One without end waits for containerd where it is away.
        """
        calling = self._channel.unary_stream(_path(method), _serialize, answer.FromString)
        answers = calling(
            request,
            timeout=scope.timeout,
            metadata=scope.metadata,
            wait_for_ready=scope.timeout is None,
        )
        return Stream(answers, method)

    def exchange(
        self, method: str, requests: Iterable[Message], answer: type[Answer], scope: Scope
    ) -> "Stream[Answer]":
        """Send a stream, return the stream that answers it."""
        calling = self._channel.stream_stream(_path(method), _serialize, answer.FromString)
        answers = calling(iter(requests), timeout=scope.timeout, metadata=scope.metadata)
        return Stream(answers, method)


class Stream(Generic[Answer]):
    """Messages as they come; ends by itself, by `cancel`, or by a FaasdError."""

    def __init__(self, answers: "grpc.CallIterator[Answer]", method: str) -> None:
        self._answers = answers
        self._method = method

    def __iter__(self) -> Iterator[Answer]:
        try:
            yield from self._answers
        except grpc.RpcError as error:
            raise translate(error, self._method) from error

    def cancel(self) -> None:
        """End it, from any thread."""
        self._answers.cancel()  # type: ignore[no-untyped-call]


def _path(method: str) -> str:
    return f"/containerd.services.{method}"


def _serialize(message: Message) -> bytes:
    return message.SerializeToString()
