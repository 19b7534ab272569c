"""The gateway's view of the routes: it follows `GET /system/routes` of the provider."""

import asyncio
import logging
from collections.abc import Sequence

from faasd.base.errors import BadAnswer, FaasdError, Overloaded, Unauthorized, Unavailable
from faasd.gateway.provider import ProviderClient
from faasd.gateway.route_feed import LINE_BYTES, RouteEntry, parse_line
from faasd.gateway.routes_table import Failing, RouteTable, Until
from faasd.http.basic_auth import Login

__all__ = ["RouteEntry", "Routes"]

PATH = "/system/routes"
SILENCE = 15.0
"""Seconds without a word, three heartbeats, after which the connection counts as dead."""
ANSWER_TIMEOUT = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds between two tries to reach the provider; the pause doubles."""

log = logging.getLogger(__name__)


class Routes:
    """Every function, its state and its live replicas, as the provider last told.

    While the provider is away the last table is kept. Belongs to the event loop that runs `run`.

    Args:
        provider_url: ``http://HOST:PORT``.
        login: the node's login; None where the provider asks for none.
        silence: seconds without a word after which it connects anew.
    """

    def __init__(self, provider_url: str, login: Login | None, *, silence: float = SILENCE) -> None:
        self._provider = ProviderClient(provider_url, login, timeout=ANSWER_TIMEOUT)
        self._silence = silence
        self._table = RouteTable()

    @property
    def synced(self) -> bool:
        """Whether it is connected and knows all there is: who is not found is not there."""
        return self._table.synced

    @property
    def pressed(self) -> bool:
        """Whether idle functions are to sleep before their time."""
        return self._table.pressed

    def find(self, key: str) -> RouteEntry | None:
        """Return the function ``NAME.NAMESPACE``, or None."""
        return self._table.find(key)

    def find_failing(self, key: str) -> Failing | None:
        """Return since when a function is failed, or None when it is not."""
        return self._table.find_failing(key)

    def entries(self) -> Sequence[RouteEntry]:
        """Return every function."""
        return self._table.entries()

    async def wait(self, key: str, until: Until, timeout: float | None) -> RouteEntry | None:
        """Wait until something holds of a function; see `RouteTable.wait`."""
        return await self._table.wait(key, until, timeout)

    async def run(self) -> None:
        """Follow the provider until cancelled, through its restarts."""
        try:
            await self._follow_for_ever()
        finally:
            self._table.end()
            await self._provider.close()

    async def _follow_for_ever(self) -> None:
        pause, said = FIRST_PAUSE, ""
        while True:
            self._table.begin()
            try:
                await self._follow()
            except FaasdError as error:
                if self._table.synced:
                    pause, said = FIRST_PAUSE, ""
                if said != str(error):
                    log.warning("routes: %s", error)
                said = str(error)
            self._table.end()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _follow(self) -> None:
        """Take in what the provider tells until it ends, which is always an error."""
        async with self._provider.open("GET", PATH) as answer:
            _check(answer.status)
            rest = b""
            while piece := await self._provider.read(answer, self._silence):
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    self._table.hear(parse_line(line))
                if len(rest) > LINE_BYTES:
                    raise BadAnswer(
                        f"the provider tells of routes in lines over {LINE_BYTES} bytes"
                    )
        raise Unavailable("the provider ended its stream of routes")


def _check(status: int) -> None:
    match status:
        case 200:
            return
        case 401 | 403:
            raise Unauthorized("the provider refuses the node's login; run `faasd install` again")
        case 429 | 503:
            raise Overloaded("the provider has no stream of routes left; it is asked again")
        case _:
            raise BadAnswer(f"the provider answered {status} to {PATH}; see its log")
