"""Passes a request on to the provider, and its answer back, piece by piece as they come."""

import asyncio
from collections.abc import Coroutine, Mapping

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from faasd.base.errors import FaasdError
from faasd.gateway.provider import ProviderClient
from faasd.http.hops import HOP_BY_HOP

ENDLESS = ("/system/logs", "/system/routes")
"""Answers that may be silent for long, and end when the gateway does."""

_NOT_PASSED = HOP_BY_HOP | {"host", "expect"}
_NO_BODY = (204, 304)
_LOOK = 0.5
"""Seconds between two looks whether the client is still there: aiohttp tells nobody."""


class Relay:
    """Relays requests until `stop`."""

    def __init__(self, provider: ProviderClient) -> None:
        self._provider = provider
        self._stopping = False

    def stop(self) -> None:
        """Cut the answers that would never end."""
        self._stopping = True

    async def pass_on(self, request: web.Request) -> web.StreamResponse:
        """Answer as the provider does.

        Raises:
            Unavailable: the provider does not listen, or ends before it answers.
            TimedOut: it takes longer than its timeout.
        """
        return await self._while_wanted(request, self._converse(request))

    async def _while_wanted(
        self, request: web.Request, work: Coroutine[None, None, web.StreamResponse]
    ) -> web.StreamResponse:
        """Work until the client leaves."""
        task = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait((task,), timeout=_LOOK))[0]:
                if request.transport is None or (self._stopping and request.path in ENDLESS):
                    raise asyncio.CancelledError
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait((task,))

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        asking = self._provider.open(
            request.method,
            request.rel_url.raw_path_qs,
            headers=passed(request.headers),
            body=request.content if request.body_exists else None,
        )
        async with asking as answer:
            headers = passed(answer.headers)
            if request.method == "HEAD" or answer.status in _NO_BODY:
                return web.Response(status=answer.status, reason=answer.reason, headers=headers)
            response = web.StreamResponse(
                status=answer.status, reason=answer.reason, headers=headers
            )
            await response.prepare(request)
            try:
                await self._pour(request, answer, response)
            except FaasdError as error:  # the head has gone: all that is left is to break off
                raise asyncio.CancelledError from error
            return response

    async def _pour(
        self, request: web.Request, answer: aiohttp.ClientResponse, response: web.StreamResponse
    ) -> None:
        patience = None if request.path in ENDLESS else self._provider.timeout
        while piece := await self._provider.read(answer, patience):
            await response.write(piece)
        await response.write_eof()


def passed(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """Return the headers that go on: not those of one connection, nor what `Connection` names."""
    kept = CIMultiDict(headers)
    named = ",".join(kept.getall("Connection", [])).lower()
    for name in _NOT_PASSED.union(word.strip() for word in named.split(",")):
        kept.popall(name, None)
    return kept
