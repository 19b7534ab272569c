"""Posts a function's answer to where the caller wanted it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from aiohttp import ClientError, ClientSession, ClientTimeout
from multidict import CIMultiDict
from yarl import URL

from faasd.queue.call import AsyncCall
from faasd.queue.passing import end_to_end
from faasd.queue_worker.decide import AGAIN
from faasd.queue_worker.function import Answer
from faasd.queue_worker.settings import CallbackSettings

log = logging.getLogger(__name__)

_FIRST_PAUSE = 0.5
_MULTIPLE = 300
_NOT_OURS = frozenset(("date", "server", "set-cookie", "location"))
_OWN = frozenset(("x-call-id", "x-function-name", "x-function-status", "x-duration-seconds"))

Body = bytes | AsyncIterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the receiver is told.

    Attributes:
        status: the function's.
        seconds: that it took.
        headers: the function's own, that describe the body.
        body: held in memory, or a stream that can be read once.
    """

    status: int
    seconds: float
    headers: tuple[tuple[str, str], ...] = ()
    body: Body = b""


async def take_report(answer: Answer, memory: int) -> Report:
    """Return the report of an answer; a body of more than `memory` bytes is a stream."""
    content = answer.response.content
    begun = bytearray()
    body: Body
    async for piece in content.iter_any():
        begun += piece
        if len(begun) > memory:
            body = _go_on(bytes(begun), content.iter_any())
            break
    else:
        body = bytes(begun)
    return Report(status=answer.status, seconds=answer.seconds, headers=answer.headers, body=body)


async def _go_on(begun: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield begun
    async for piece in rest:
        yield piece


class Callbacks:
    """Posts reports, each with a few tries."""

    def __init__(
        self, session: ClientSession, settings: CallbackSettings, chance: Callable[[], float]
    ) -> None:
        self._session = session
        self._settings = settings
        self._chance = chance

    async def post(self, call: AsyncCall, report: Report) -> bool:
        """Post a report to the call's callback; tell whether it was taken."""
        tries = self._settings.tries if isinstance(report.body, bytes) else 1
        headers = report_headers(call, report)
        said = ""
        for number in range(tries):
            if number:
                await asyncio.sleep(_FIRST_PAUSE * 2.0**number * (0.5 + self._chance() / 2))
            status, said = await self._post_once(call.callback, headers, report.body)
            if 0 < status < _MULTIPLE:
                return True
            if status and status not in AGAIN and status < 500:  # noqa: PLR2004
                break
        log.warning("the answer to call %s could not be posted: %s", call.call_id, said)
        return False

    async def _post_once(self, url: str, headers: CIMultiDict[str], body: Body) -> tuple[int, str]:
        """Return status and what to say of it; status 0 where there was no answer.

        Redirects are not followed: they could lead anywhere.
        """
        patience = ClientTimeout(total=self._limit(body), sock_read=self._settings.seconds)
        try:
            async with self._session.post(
                URL(url), data=body, headers=headers, timeout=patience, allow_redirects=False
            ) as response:
                return response.status, f"the receiver answered {response.status}"
        except (ClientError, OSError, ValueError) as error:
            return 0, f"{type(error).__name__}: {error}"
        except TimeoutError:
            return 0, f"the receiver did not answer within {self._settings.seconds:g} s"

    def _limit(self, body: Body) -> float | None:
        return self._settings.seconds if isinstance(body, bytes) else None


def report_headers(call: AsyncCall, report: Report) -> CIMultiDict[str]:
    """Return the headers of a callback: the answer's, and what OpenFaaS says beside them."""
    headers = CIMultiDict(end_to_end(report.headers, _NOT_OURS | _OWN))
    headers["X-Call-Id"] = call.call_id
    headers["X-Function-Name"] = call.called
    headers["X-Function-Status"] = str(report.status)
    headers["X-Duration-Seconds"] = f"{report.seconds:.6f}"
    return headers
