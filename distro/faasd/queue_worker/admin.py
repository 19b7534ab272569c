"""The worker's own HTTP: health and metrics for all, the queue's contents for the node's login."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import nats.errors
from aiohttp import web

from faasd.base.errors import FaasdError, InvalidInput, NotFound, Unauthorized, Unavailable
from faasd.http.basic_auth import REALM, Login, read_login
from faasd.http.statuses import RETRY_AFTER, status_of
from faasd.queue.connection import Connection
from faasd.queue_worker.dead import DeadLetter, DeadLetters
from faasd.queue_worker.metrics import Metrics
from faasd.queue_worker.overview import look

log = logging.getLogger(__name__)

LIST_MOST = 1000
AT_ONCE = 100
"""Dead letters that one request replays or purges; who wants more asks again."""

_TEXT = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    """Answers about one worker's queue.

    Attributes:
        in_flight: calls being made, by function.
        secrets: the directory of the login, read at each question: it may come later.
    """

    connection: Connection
    dead_letters: DeadLetters
    metrics: Metrics
    in_flight: Callable[[], Mapping[str, int]]
    secrets: str

    def app(self) -> web.Application:
        """Return the application."""
        app = web.Application(middlewares=[_answer_failures])
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/queue", self._queue)
        app.router.add_get("/dead", self._dead)
        app.router.add_post("/replay", self._replay)
        app.router.add_post("/purge", self._purge)
        return app

    async def _health(self, _request: web.Request) -> web.Response:
        """The worker is well without NATS: starting it again would not bring NATS back."""
        return web.Response(text="OK" if self.connection.is_up else "OK, waiting for NATS")

    async def _metrics(self, _request: web.Request) -> web.Response:
        try:
            seen = await look(self.connection, self.in_flight())
        except (FaasdError, nats.errors.Error, OSError):
            self.metrics.disconnected()
        else:
            self.metrics.streams(seen.pending, seen.size, seen.dead)
        return web.Response(body=self.metrics.text(), headers=_TEXT)

    async def _queue(self, request: web.Request) -> web.Response:
        self._require_login(request)
        return web.json_response(asdict(await look(self.connection, self.in_flight())))

    async def _dead(self, request: web.Request) -> web.Response:
        self._require_login(request)
        most = _number(request, "limit", 20, LIST_MOST)
        after = _number(request, "after", 0, 2**53)
        return web.json_response(_as_json(await self.dead_letters.list(most, after)))

    async def _replay(self, request: web.Request) -> web.Response:
        return await self._each(request, self.dead_letters.replay)

    async def _purge(self, request: web.Request) -> web.Response:
        return await self._each(request, self.dead_letters.purge)

    async def _each(
        self, request: web.Request, act: Callable[[int], Awaitable[None]]
    ) -> web.Response:
        """Do something to the dead letters that the query names: `number=N` once or more."""
        self._require_login(request)
        wanted = [_checked_number(text, "number") for text in request.query.getall("number", ())]
        if not 0 < len(wanted) <= AT_ONCE:
            raise InvalidInput(f"name 1 to {AT_ONCE} dead letters as number=N", field="number")
        done: list[int] = []
        refused: list[str] = []
        for number in wanted:
            try:
                await act(number)
            except (NotFound, InvalidInput) as error:
                refused.append(f"{number}: {error}")
            else:
                done.append(number)
        return web.json_response({"done": done, "refused": refused})

    def _require_login(self, request: web.Request) -> None:
        login = self._login()
        if not login.admits(request.headers.get("Authorization")):
            raise Unauthorized("the queue's contents are for the node's login only")

    def _login(self) -> Login:
        try:
            return read_login(self.secrets)
        except InvalidInput as error:
            raise Unavailable(f"the queue-worker has no login to compare with: {error}") from error


@web.middleware
async def _answer_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except FaasdError as error:
        return _refuse(error)
    except (nats.errors.Error, OSError) as error:
        return _refuse(Unavailable(f"NATS did not do it: {error}"))


def _refuse(error: FaasdError) -> web.Response:
    status = status_of(error)
    headers = {"WWW-Authenticate": REALM} if isinstance(error, Unauthorized) else {}
    if status in RETRY_AFTER:
        headers["Retry-After"] = RETRY_AFTER[status]
    return web.Response(status=status, text=f"{error}\n", headers=headers)


def _as_json(letters: Sequence[DeadLetter]) -> list[dict[str, object]]:
    return [asdict(letter) for letter in letters]


def _number(request: web.Request, name: str, default: int, most: int) -> int:
    number = _checked_number(request.query.get(name, str(default)), name)
    return min(number, most)


def _checked_number(text: str, name: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 16:  # noqa: PLR2004
        return int(text)
    raise InvalidInput(f"{name} is {text[:40]!r}: it must be a number", field=name)
