"""Streams and subjects in NATS JetStream, and the headers of messages."""

from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE

ASYNC_STREAM = "faasd_async"
DEAD_STREAM = "faasd_dead"
CONSUMER = "worker"

CALL_HEADER = "Faasd-Call"
"""The call without its body, as JSON (`faasd.queue.call`)."""

DEATH_HEADER = "Faasd-Death"
"""Of a dead letter: why and when, as JSON (`faasd.queue.death`)."""

ID_HEADER = "Nats-Msg-Id"
"""JetStream keeps one message of an identifier within the stream's window."""

_ASYNC = "faasd.async"
_DEAD = "faasd.dead"
ASYNC_SUBJECTS = f"{_ASYNC}.>"
DEAD_SUBJECTS = f"{_DEAD}.>"


def async_subject(key: str) -> str:
    """Return the subject of calls to a function, ``faasd.async.NAMESPACE.NAME``."""
    return f"{_ASYNC}.{_turned(key)}"


def dead_subject(subject: str) -> str:
    """Return the subject of dead letters for a subject of calls."""
    return _DEAD + subject.removeprefix(_ASYNC)


def function_key(subject: str) -> str:
    """Return ``NAME.NAMESPACE`` of a subject of calls or dead letters."""
    return _turned(subject.removeprefix(_ASYNC).removeprefix(_DEAD).lstrip("."))


def split_name(name: str) -> tuple[str, str]:
    """Return function and namespace of ``NAME[.NAMESPACE]``, as callers write it."""
    function, _, namespace = name.partition(".")
    return function, namespace or DEFAULT_FUNCTION_NAMESPACE


def _turned(key: str) -> str:
    first, _, second = key.partition(".")
    return f"{second}.{first}"
