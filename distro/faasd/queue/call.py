"""One queued call: what the caller asked for, and how it is written into a message.

The body is the message's payload, unchanged. All else is JSON in one header, because NATS' own
headers hold no name twice and HTTP's do.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from faasd.base.errors import InvalidInput
from faasd.queue.names import CALL_HEADER


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncCall:
    """A call to be made later.

    Attributes:
        call_id: ``X-Call-Id``.
        function: its name alone; ``namespace`` beside it.
        called: the name as the caller wrote it, ``NAME`` or ``NAME.NAMESPACE``.
        path: what follows the name, query included: ``""``, ``/x?y=1`` or ``?y=1``.
        headers: for the function, in order, names may come twice.
        callback: where the answer is posted to, or ``""``.
        body: as it came over the wire.
    """

    call_id: str
    function: str
    namespace: str
    called: str
    path: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    callback: str = ""
    body: bytes = b""

    @property
    def key(self) -> str:
        """``NAME.NAMESPACE``."""
        return f"{self.function}.{self.namespace}"

    def identity(self) -> str:
        """Return what is the same for a repetition of this call, and for no other call.

        The call id alone is not: a function may pass the one it was called with on to several.
        """
        digest = hashlib.sha256(self.body)
        for part in (self.key, self.path, self.callback, self.call_id):
            digest.update(b"\0" + part.encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


def write_call(call: AsyncCall) -> dict[str, str]:
    """Return the header that says everything but the body; it is ASCII."""
    said = {
        "id": call.call_id,
        "function": call.function,
        "namespace": call.namespace,
        "called": call.called,
        "path": call.path,
        "headers": call.headers,
        "callback": call.callback,
    }
    return {CALL_HEADER: json.dumps(said, separators=(",", ":"))}


def read_call(headers: Mapping[str, str] | None, body: bytes) -> AsyncCall:
    """Return the call in a message.

    Raises:
        InvalidInput: the message is none of ours.
    """
    try:
        said = json.loads((headers or {})[CALL_HEADER])
        return AsyncCall(
            call_id=_text(said["id"]),
            function=_text(said["function"]),
            namespace=_text(said["namespace"]),
            called=_text(said["called"]),
            path=_text(said["path"]),
            headers=tuple((_text(name), _text(value)) for name, value in said["headers"]),
            callback=_text(said["callback"]),
            body=body,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"a message in the queue is no call of the gateway's: its header {CALL_HEADER} is "
            f"missing or malformed ({type(error).__name__}: {error})"
        ) from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
