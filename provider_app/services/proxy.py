"""Calls functions: one replica for each call, streaming both ways."""

import http.client
import itertools
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import IO

from faasd.base.errors import BadAnswer, InvalidInput, Overloaded, TimedOut, Unavailable
from provider_app.config import ProviderConfig
from provider_app.domain.forwarding import Call, Headers, answered_headers, forwarded_headers
from provider_app.domain.function import FunctionKey
from provider_app.domain.replica import Replica
from provider_app.services.connections import Connections
from provider_app.services.functions import Functions
from provider_app.services.replicas import Replicas

PORT = 8080
CHUNK = 64 * 1024
RESERVED_THREADS = 16
"""Threads that never proxy, so that the API answers however many calls hang."""

Connect = Callable[[str], http.client.HTTPConnection]
REPEATABLE = ("GET", "HEAD", "OPTIONS")
"""Methods of requests that may be sent twice (RFC 9110, 9.2.1)."""

TRIES = 3
"""Replicas that are tried for one call, of those that accept no connection."""

log = logging.getLogger(__name__)


class _Refused(Exception):
    """A replica accepts no connection: nothing of the request was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a caller sent.

    Attributes:
        target: path and query, as the function shall see them.
        body: None where there is none.
        length: of the body in bytes; None where it comes in chunks.
    """

    method: str
    target: str
    headers: Headers
    body: IO[bytes] | None
    length: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a function answers; the body is an iterator that must be closed."""

    status: int
    reason: str
    headers: Headers
    body: "Body"


class Body:
    """An answer's body, passed on as it comes; whatever happens, `close` lets go of all."""

    def __init__(self, response: http.client.HTTPResponse, done: ExitStack) -> None:
        self._response = response
        self._done = done

    def __iter__(self) -> Iterator[bytes]:
        try:
            while piece := self._response.read1(CHUNK):
                yield piece
        except (OSError, http.client.HTTPException) as error:
            # The status is sent already: only a broken connection can tell the caller.
            raise ConnectionError(f"the function broke off its answer: {error}") from error
        if self._response.length:
            raise ConnectionError("the function broke off its answer")
        self.close()

    def close(self) -> None:
        """Let go of the connection and the place."""
        self._done.close()


class Proxy:
    """Passes calls on to ready replicas, and starts functions that are asleep."""

    def __init__(self, functions: Functions, replicas: Replicas, config: ProviderConfig) -> None:
        self._functions = functions
        self._replicas = replicas
        self._timeout = config.service_timeout
        self._connections = Connections(PORT, config.service_timeout)
        self._places = BoundedSemaphore(max(config.threads - RESERVED_THREADS, 1))
        self._turn = itertools.count()

    def call(self, key: FunctionKey, request: Request, call: Call) -> Answer:
        """Call a function.

        Raises:
            NotFound: there is no such function.
            InvalidInput: the caller's body ended too early.
            Overloaded: too many calls are under way.
            Unavailable: no replica answers; the sentence says why.
            TimedOut: the function did not begin its answer in time.
        """
        with ExitStack() as done:
            if not self._places.acquire(blocking=False):
                raise Overloaded(f"too many calls at once, {key.name} was not called")
            done.callback(self._places.release)
            replica, response, connection = self._send_to_one(key, request, call)
            done.callback(self._replicas.release, replica)
            done.callback(self._let_go, replica, connection, response)
            seconds = (time.time_ns() - call.start) / 1e9
            return Answer(
                status=response.status,
                reason=response.reason,
                headers=answered_headers(response.getheaders(), call, seconds),
                body=Body(response, done.pop_all()),
            )

    def close(self) -> None:
        """Close the connections that are kept."""
        self._connections.close()

    def _pick(self, key: FunctionKey) -> Replica:
        """Return a replica for one request, which counts as in flight there until released."""
        self._functions.rouse(key)
        until = time.monotonic() + self._timeout
        while (replica := self._replicas.take(key, next(self._turn))) is None:
            self._functions.awaken(key)
            if not self._replicas.wait_ready(key, until - time.monotonic()):
                state = self._functions.describe(key).state
                raise Unavailable(
                    f"function {key.name} is {state.word}: {state.reason or 'it is not ready yet'}"
                )
        return replica

    def _send_to_one(
        self, key: FunctionKey, request: Request, call: Call
    ) -> tuple[Replica, http.client.HTTPResponse, http.client.HTTPConnection]:
        """Send the request to a replica; one that accepts no connection has died just now."""
        for _ in range(TRIES):
            replica = self._pick(key)
            try:
                with ExitStack() as failed:
                    failed.callback(self._replicas.release, replica)
                    sent = self._send(replica, request, call)
                    failed.pop_all()
            except _Refused as error:
                log.info("%s: %s: %s", key, replica.id, error)
                self._functions.doubt(key, replica.id)
            else:
                return replica, *sent
        raise BadAnswer(f"function {key.name} does not accept connections")

    def _send(
        self, replica: Replica, request: Request, call: Call
    ) -> tuple[http.client.HTTPResponse, http.client.HTTPConnection]:
        """Send the request.

        A kept connection may have been closed by the function while the request was on its way:
        only a request that may be sent twice goes over one.
        """
        if request.method in REPEATABLE and request.body is None:
            with suppress(BadAnswer):
                return self._send_over(self._connections.take, replica, request, call)
        return self._send_over(self._connections.open, replica, request, call)

    def _send_over(
        self, connect: Connect, replica: Replica, request: Request, call: Call
    ) -> tuple[http.client.HTTPResponse, http.client.HTTPConnection]:
        name = replica.key.name
        try:
            connection = connect(replica.workload.address or "")
        except OSError as error:
            raise _Refused(str(error)) from error
        with ExitStack() as undo:
            undo.callback(connection.close)
            try:
                _write(connection, request, call)
                response = connection.getresponse()
            except TimeoutError as error:
                raise TimedOut(
                    f"function {name} did not answer within {self._timeout:g} s"
                ) from error
            except (OSError, http.client.HTTPException) as error:
                raise BadAnswer(f"function {name} broke the connection: {error}") from error
            undo.pop_all()
        return response, connection

    def _let_go(
        self,
        replica: Replica,
        connection: http.client.HTTPConnection,
        response: http.client.HTTPResponse,
    ) -> None:
        """Keep the connection if the answer was read to its end, and it may be used again."""
        at_end = response.isclosed() or response.length == 0
        response.close()
        if at_end and not response.will_close:
            self._connections.give_back(replica.workload.address or "", connection)
        else:
            connection.close()


def _write(connection: http.client.HTTPConnection, request: Request, call: Call) -> None:
    connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
    for name, value in forwarded_headers(request.headers, call):
        connection.putheader(name, value)
    chunked = request.body is not None and request.length is None
    if chunked:
        connection.putheader("Transfer-Encoding", "chunked")
    with suppress(BrokenPipeError, ConnectionResetError):  # It may answer all the same.
        connection.endheaders()
        for piece in _pieces(request):
            connection.send(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            connection.send(b"0\r\n\r\n")


def _pieces(request: Request) -> Iterator[bytes]:
    """Yield the body as it comes; one cut short must not look whole to the function."""
    left = request.length
    while request.body is not None:
        try:
            piece = request.body.read(CHUNK)
        except OSError as error:
            raise InvalidInput(f"the request's body did not arrive: {error}") from error
        if not piece:
            break
        left = None if left is None else left - len(piece)
        yield piece
    if request.body is not None and left:
        raise InvalidInput(f"the request's body ended {left} bytes too early")
