"""Who printed a line: read from the name of its FIFO, ``NAMESPACE:NAME:CONTAINER:STREAM``."""

from dataclasses import dataclass
from typing import Literal, Self, cast

Stream = Literal["stdout", "stderr"]
STREAMS: tuple[Stream, ...] = ("stdout", "stderr")
_PARTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One stream of one container.

    Attributes:
        namespace: the function's namespace.
        name: the function's name.
        instance: the container's identifier.
        stream: ``stdout`` or ``stderr``.
    """

    namespace: str
    name: str
    instance: str
    stream: Stream

    @classmethod
    def find_in(cls, pipe: str) -> Self | None:
        """Read it from the file name of a FIFO; None if that is none of the node's.

        Namespace and name become names of files: no name there begins with a dot.
        """
        parts = pipe.split(":")
        if len(parts) != _PARTS or parts[3] not in STREAMS:
            return None
        if any(not part or part.startswith(".") or "/" in part for part in parts):
            return None
        namespace, name, instance, stream = parts
        return cls(namespace=namespace, name=name, instance=instance, stream=cast("Stream", stream))

    @property
    def identifier(self) -> str:
        """The journal's SYSLOG_IDENTIFIER: all instances and both streams of a function."""
        return f"{self.namespace}:{self.name}"
