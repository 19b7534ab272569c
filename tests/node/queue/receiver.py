"""What stands for the router and functions behind it, and for callbacks' receivers."""

import asyncio
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

BLOCK = bytes(1 << 16)


@dataclass(frozen=True)
class Seen:
    """One request that arrived; `target` is path and query as they came over the wire."""

    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name: str) -> str:
        (value,) = self.all(name)
        return value


@dataclass(frozen=True)
class Reply:
    """What is answered: to `hold` waits for it to be set, `large` is a body of that many bytes."""

    status: int = 200
    body: bytes = b"done"
    headers: Mapping[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None
    large: int = 0
    cut: bool = False


class Receiver:
    """A server in a thread of its own. Replies are planned by path, the last one repeats."""

    def __init__(self) -> None:
        self.port = 0
        self.seen: list[Seen] = []
        self.at_once = 0
        self.most_at_once = 0
        self._plans: dict[str, deque[Reply]] = {}
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="receiver")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Receiver":
        self._ended = asyncio.Event()
        self._started.clear()
        self._thread = threading.Thread(target=self._run, name="receiver")
        self._thread.start()
        assert self._started.wait(10)
        return self

    def stop(self) -> None:
        """End it; `start` begins again on the same port."""
        for plan in self._plans.values():
            for reply in plan:
                if reply.hold:
                    reply.hold.set()
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(20)
        assert not self._thread.is_alive()

    def close(self) -> None:
        self.stop()
        self._loop.close()

    def plan(self, path: str, *replies: Reply) -> None:
        self._plans[path] = deque(replies)

    def forget(self) -> None:
        """Forget plans and what came."""
        self._plans.clear()
        self.seen.clear()
        self.most_at_once = self.at_once

    def at(self, path: str) -> list[Seen]:
        """Return what came to a path, whatever follows it."""
        return [one for one in tuple(self.seen) if one.target.startswith(path)]

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, auto_decompress=False)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port, shutdown_timeout=0.1)
        await site.start()
        self.port = runner.addresses[0][1]
        self._started.set()
        await self._ended.wait()
        await site.stop()
        for _ in range(10):
            await asyncio.sleep(0)  # what was just accepted gets to be known, and can be closed
        await runner.cleanup()
        await asyncio.sleep(0.05)  # what was closed gets to know of it

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            body = await request.read()
            self.seen.append(Seen(request.raw_path, tuple(request.headers.items()), body))
            return await self._reply(request, self._next(request.path))
        finally:
            self.at_once -= 1

    def _next(self, path: str) -> Reply:
        plan = self._plans.get(path) or deque([Reply()])
        return plan.popleft() if len(plan) > 1 else plan[0]

    async def _reply(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        while reply.hold and not reply.hold.is_set():
            await asyncio.sleep(0.01)
        if reply.cut and request.transport:
            request.transport.abort()
        if not reply.large:
            return web.Response(status=reply.status, body=reply.body, headers=reply.headers)
        answer = web.StreamResponse(status=reply.status, headers=reply.headers)
        answer.content_length = reply.large
        await answer.prepare(request)
        for _ in range(reply.large // len(BLOCK)):
            await answer.write(BLOCK)
        return answer
