"""A client of the provider's API, with the node's own login."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp.client import _RequestContextManager
from multidict import CIMultiDict
from yarl import URL

from faasd.base.errors import BadAnswer, TimedOut, Unavailable
from faasd.http.basic_auth import Login

CONNECT_TIMEOUT = 3.0
KEPT_CONNECTIONS = 64
MOST_BYTES = 32 << 20
"""Of an answer that is read as a whole; a list of 4,096 functions has about 4 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeAnswer:
    """An answer that was read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ProviderClient:
    """Asks the provider.

    Each question is a connection, so the provider may restart in between; unless connections are
    kept, for what may be asked again: one that the provider just gave up gives `Unavailable`.
    """

    def __init__(
        self, url: str, login: Login | None, *, timeout: float, keep: float | None = None
    ) -> None:
        """`timeout` is for an answer to begin, `keep` for an idle connection, in seconds."""
        self._url = url
        self._login = login
        self.timeout = timeout
        self._keep = keep
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close what is open; nothing can be asked any more."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @contextlib.asynccontextmanager
    async def open(
        self,
        method: str,
        path: str,
        *,
        headers: CIMultiDict[str] | None = None,
        body: aiohttp.StreamReader | bytes | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Give an answer whose head has come; its body is still to be read.

        `path` goes as it is, with its query.

        Raises:
            Unavailable: the provider does not listen, or ends before it answers.
            TimedOut: it takes longer than the timeout.
        """
        headers = headers if headers is not None else CIMultiDict()
        headers.pop("Authorization", None)
        if self._login is not None:
            headers["Authorization"] = _basic(self._login)
        answer = await self._begin(
            self._get_session().request(
                method,
                URL(self._url + path, encoded=True),
                headers=headers,
                data=body,
                allow_redirects=False,
            )
        )
        try:
            yield answer
        finally:
            answer.close()

    async def ask(
        self, method: str, path: str, *, headers: CIMultiDict[str] | None = None, body: bytes = b""
    ) -> WholeAnswer:
        """Return an answer as a whole.

        Raises:
            Unavailable: the provider does not listen, or ends while it answers.
            TimedOut: it takes longer than the timeout.
            BadAnswer: it says more than fits.
        """
        async with self.open(method, path, headers=headers, body=body or None) as answer:
            whole = bytearray()
            while piece := await self.read(answer, self.timeout):
                whole += piece
                if len(whole) > MOST_BYTES:
                    raise BadAnswer(f"the provider answered more than {MOST_BYTES} bytes")
            return WholeAnswer(status=answer.status, headers=answer.headers, body=bytes(whole))

    async def read(self, answer: aiohttp.ClientResponse, timeout: float | None) -> bytes:
        """Return the next piece of an answer's body as it comes; nothing at its end.

        Raises:
            Unavailable: the provider ended in the middle of it.
            TimedOut: nothing came for so long; None waits for ever.
        """
        try:
            async with asyncio.timeout(timeout):
                return await answer.content.readany()
        except TimeoutError as error:
            raise TimedOut(f"the provider stopped answering for {timeout:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unavailable("the provider ended in the middle of an answer") from error

    def _get_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=self._connector(),
                timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_TIMEOUT),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return self._session

    def _connector(self) -> aiohttp.TCPConnector:
        if self._keep is None:
            return aiohttp.TCPConnector(force_close=True, limit=0, use_dns_cache=False)
        # The provider's server stops to take connections where too many are kept.
        return aiohttp.TCPConnector(
            keepalive_timeout=self._keep, limit=KEPT_CONNECTIONS, use_dns_cache=False
        )

    async def _begin(self, question: _RequestContextManager) -> aiohttp.ClientResponse:
        try:
            async with asyncio.timeout(self.timeout):
                return await question
        except aiohttp.ServerTimeoutError as error:  # of the connection: nobody is there
            raise _unavailable(error) from error
        except TimeoutError as error:
            raise TimedOut(
                f"the provider did not answer within {self.timeout:g} s; see `faasd status`"
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise _unavailable(error) from error


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(
        f"the provider does not answer ({type(error).__name__}); see `faasd status`, and try again"
    )


def _basic(login: Login) -> str:
    return "Basic " + base64.b64encode(login.user + b":" + login.password).decode()
