"""Dead letters: calls that were tried as often as may be. They are kept, listed, replayed."""

from collections.abc import Sequence
from dataclasses import dataclass

from nats.aio.msg import Msg
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from faasd.base.errors import InvalidInput, NotFound
from faasd.queue.call import read_call
from faasd.queue.connection import Connection
from faasd.queue.death import Death, read_death, write_death
from faasd.queue.names import (
    ASYNC_STREAM,
    CALL_HEADER,
    DEAD_STREAM,
    DEAD_SUBJECTS,
    ID_HEADER,
    async_subject,
    dead_subject,
    function_key,
)

_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One dead letter, without its body.

    Attributes:
        number: names it to `replay` and `purge`.
        key: the function, ``NAME.NAMESPACE``.
        size: bytes of the body.
    """

    number: int
    key: str
    call_id: str
    size: int
    death: Death


class DeadLetters:
    """The stream of dead letters."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, message: Msg, death: Death) -> None:
        """Write one down, acknowledged by JetStream.

        Raises:
            nats.errors.Error: it was not acknowledged.
        """
        headers = write_death(death)
        if call := (message.headers or {}).get(CALL_HEADER):
            headers[CALL_HEADER] = call
        headers[ID_HEADER] = f"dead-{message.metadata.sequence.stream}"
        await self._connection.jetstream(_SECONDS).publish(
            dead_subject(message.subject), message.data, stream=DEAD_STREAM, headers=headers
        )

    async def list(self, most: int, after: int = 0) -> Sequence[DeadLetter]:
        """Return the oldest `most` of those with a number above `after`."""
        found: list[DeadLetter] = []
        while len(found) < most and (raw := await self._find_next(after)):
            after = raw.seq or 0
            found.append(_describe(raw))
        return found

    async def replay(self, number: int) -> None:
        """Put one into the queue again, with all its tries before it.

        Raises:
            NotFound: there is none of that number.
            InvalidInput: it was no call in the first place.
            nats.errors.Error: the queue did not take it; it stays.
        """
        jetstream = self._connection.jetstream(_SECONDS)
        raw = await self._get(number)
        headers = raw.headers or {}
        body = raw.data or b""
        call = read_call(headers, body)
        said = {CALL_HEADER: headers[CALL_HEADER], ID_HEADER: f"replay-{number}"}
        await jetstream.publish(async_subject(call.key), body, stream=ASYNC_STREAM, headers=said)
        await jetstream.delete_msg(DEAD_STREAM, number)

    async def purge(self, number: int) -> None:
        """Drop one.

        Raises:
            NotFound: there is none of that number.
        """
        await self._get(number)
        await self._connection.jetstream(_SECONDS).delete_msg(DEAD_STREAM, number)

    async def _get(self, number: int) -> RawStreamMsg:
        raw = await self._find_next(number - 1)
        if raw is None or raw.seq != number:
            raise NotFound(f"there is no dead letter {number}; `faasd queue dead` lists them")
        return raw

    async def _find_next(self, after: int) -> RawStreamMsg | None:
        jetstream = self._connection.jetstream(_SECONDS)
        try:
            return await jetstream.get_msg(
                DEAD_STREAM, seq=after + 1, subject=DEAD_SUBJECTS, direct=True, next=True
            )
        except NotFoundError:
            return None


def _describe(raw: RawStreamMsg) -> DeadLetter:
    headers = raw.headers or {}
    try:
        call_id = read_call(headers, b"").call_id
    except InvalidInput:
        call_id = ""
    return DeadLetter(
        number=raw.seq or 0,
        key=function_key(raw.subject or ""),
        call_id=call_id,
        size=len(raw.data or b""),
        death=read_death(headers),
    )
