"""`invocationCount` in what the provider says of functions: it counts nothing, the router does."""

import json
from collections.abc import Mapping
from typing import Protocol

from aiohttp import web
from multidict import CIMultiDict

from faasd.base.errors import BadAnswer
from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE
from faasd.gateway.provider import ProviderClient, WholeAnswer
from faasd.gateway.relay import passed


class Counted(Protocol):
    """Knows how often functions have answered."""

    def answered(self, function: str, /) -> int:
        """Return it for ``NAME.NAMESPACE``; 0 for one that is not known."""


class Described:
    """Answers `/system/functions` and `/system/function/NAME` with the counts in them."""

    def __init__(self, provider: ProviderClient, counted: Counted) -> None:
        self._provider = provider
        self._counted = counted

    async def describe(self, request: web.Request) -> web.StreamResponse:
        """Answer as the provider does, with counts.

        Raises:
            Unavailable: the provider does not answer.
            TimedOut: it takes longer than its timeout.
            BadAnswer: what it says is no JSON.
        """
        headers = passed(request.headers)
        for conditional in ("Content-Length", "Accept-Encoding"):
            headers.pop(conditional, None)
        answer = await self._provider.ask("GET", request.rel_url.raw_path_qs, headers=headers)
        body = answer.body if answer.status != 200 else self._fill(answer)  # noqa: PLR2004
        kept: CIMultiDict[str] = passed(answer.headers)
        kept.popall("Content-Length", None)
        return web.Response(status=answer.status, headers=kept, body=body)

    def _fill(self, answer: WholeAnswer) -> bytes:
        try:
            found: object = json.loads(answer.body)
        except ValueError as error:
            raise BadAnswer("the provider answered no JSON; see its log") from error
        for status in found if isinstance(found, list) else [found]:
            if isinstance(status, dict):
                status["invocationCount"] = self._counted.answered(_key(status))
        return json.dumps(found, separators=(",", ":")).encode()


def _key(status: Mapping[str, object]) -> str:
    return f"{status.get('name')}.{status.get('namespace') or DEFAULT_FUNCTION_NAMESPACE}"
