"""``POST /async-function/NAME[.NAMESPACE][/path][?query]``: accepted now, called later."""

import asyncio
import re
import uuid
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import web

from faasd.base.errors import (
    FaasdError,
    InvalidInput,
    NotFound,
    Overloaded,
    TimedOut,
    TooLarge,
    Unavailable,
)
from faasd.gateway.publisher import Publisher
from faasd.http.statuses import RETRY_AFTER, status_of
from faasd.queue.call import AsyncCall
from faasd.queue.names import split_name
from faasd.queue.passing import end_to_end

CALL_ID = "X-Call-Id"
CALLBACK = "X-Callback-Url"
URL_MOST = 2048
BODY_SECONDS = 60.0
"""In which a body has to arrive: until then it holds room that others could have."""

_PREFIX = "/async-function/"
_CALL_ID = re.compile(r"[!-~]{1,200}")
_OURS = frozenset(("host", "x-call-id", "x-callback-url", "x-faasd-function", "x-start-time"))
_FORWARDED = "X-Forwarded-Host"


class Functions(Protocol):
    """Which functions there are: `faasd.gateway.routes.Routes`."""

    def find(self, key: str) -> object | None:
        """Return something for a function ``NAME.NAMESPACE`` that is there."""

    @property
    def synced(self) -> bool:
        """Whether what is not found is not there."""


def add_async_routes(app: web.Application, publisher: Publisher, functions: Functions) -> None:
    """Answer ``/async-function/``; the application's runner must not decode bodies."""
    handler = AsyncFunction(publisher, functions)
    app.router.add_post(_PREFIX + "{name:[^/?]+}{rest:.*}", handler.answer)


class AsyncFunction:
    """Accepts calls."""

    def __init__(self, publisher: Publisher, functions: Functions) -> None:
        self._publisher = publisher
        self._functions = functions

    async def answer(self, request: web.Request) -> web.Response:
        """Answer 202 once the call is in the queue, or why it is not."""
        call_id = request.headers.get(CALL_ID, "")
        try:
            call_id = _checked_call_id(call_id) or str(uuid.uuid4())
            await self._accept(request, call_id)
        except FaasdError as error:
            return _refuse(error, call_id)
        return web.Response(status=202, headers={CALL_ID: call_id})

    async def _accept(self, request: web.Request, call_id: str) -> None:
        called, path = _target(request)
        function, namespace = split_name(called)
        self._require(function, namespace)
        callback = checked_callback(request.headers.get(CALLBACK, ""))
        most = self._publisher.settings.body_bytes
        async with self._publisher.room(_announced(request, most)):
            call = AsyncCall(
                call_id=call_id,
                function=function,
                namespace=namespace,
                called=called,
                path=path,
                headers=_headers(request, call_id),
                callback=callback,
                body=await _read_body(request, most),
            )
            await self._publisher.publish(call)

    def _require(self, function: str, namespace: str) -> None:
        if self._functions.find(f"{function}.{namespace}") is not None:
            return
        if not self._functions.synced:
            raise Unavailable("the provider did not tell yet which functions there are; try again")
        raise NotFound(f"there is no function {function[:80]} in namespace {namespace[:80]}")


def checked_callback(url: str) -> str:
    """Return a callback's URL; none is fine.

    Raises:
        InvalidInput: it is no URL that an answer can be posted to.
    """
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if fits and len(url) <= URL_MOST and url.isascii() and url.isprintable() and " " not in url:
        return url
    raise InvalidInput(
        f"{CALLBACK} {url[:80]!r} must be an http:// or https:// URL of {URL_MOST} characters at "
        "most",
        field=CALLBACK,
    )


def _checked_call_id(call_id: str) -> str:
    if not call_id or _CALL_ID.fullmatch(call_id):
        return call_id
    raise InvalidInput(
        f"{CALL_ID} must be 1 to 200 visible ASCII characters without spaces", field=CALL_ID
    )


def _target(request: web.Request) -> tuple[str, str]:
    """Return the function's name, and what follows it as the caller wrote it."""
    raw = request.rel_url.raw_path.removeprefix(_PREFIX)
    name, slash, rest = raw.partition("/")
    query = request.rel_url.raw_query_string
    return name, slash + rest + (f"?{query}" if query else "")


def _headers(request: web.Request, call_id: str) -> tuple[tuple[str, str], ...]:
    """Return what the function gets to see: what the caller sent, and which host was asked."""
    kept = end_to_end(request.headers.items(), _OURS)
    if _FORWARDED not in request.headers:
        kept += ((_FORWARDED, request.host),)
    return ((CALL_ID, call_id), *kept)


def _announced(request: web.Request, most: int) -> int:
    """Return how many bytes the body may have: those it says, else the most.

    Raises:
        TooLarge: it says more.
    """
    length = request.content_length
    if length is not None and length > most:
        raise _too_large(most)
    return most if length is None else length


async def _read_body(request: web.Request, most: int) -> bytes:
    pieces = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.content.iter_any():
                pieces += piece
                if len(pieces) > most:
                    raise _too_large(most)
    except TimeoutError:
        raise TimedOut(f"the body did not arrive within {BODY_SECONDS:g} s") from None
    return bytes(pieces)


def _too_large(most: int) -> TooLarge:
    return TooLarge(
        f"the body of an asynchronous call may have {most} bytes; put larger data where the "
        "function can fetch it, or call /function/"
    )


def _refuse(error: FaasdError, call_id: str) -> web.Response:
    status = status_of(error)
    headers = {CALL_ID: call_id} if _CALL_ID.fullmatch(call_id) else {}
    if status in RETRY_AFTER:
        headers["Retry-After"] = RETRY_AFTER[status]
    answer = web.Response(status=status, text=f"{error}\n", headers=headers)
    if isinstance(error, TooLarge | TimedOut | Overloaded):
        answer.force_close()  # the rest of the body is not read
    return answer
