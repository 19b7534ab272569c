"""`python -m tests.node.queue.accepting PORT NAME…`: the gateway's part in the queue, alone.

It accepts calls of the functions named, and of no other.
"""

import asyncio
import os
import sys
from collections.abc import Collection

from aiohttp import web

from faasd.gateway.async_function import add_async_routes
from faasd.gateway.publisher import Publisher, read_publisher_settings


class Known:
    """Functions by ``NAME.NAMESPACE``."""

    synced = True

    def __init__(self, keys: Collection[str]) -> None:
        self._keys = frozenset(keys)

    def find(self, key: str) -> object | None:
        return key if key in self._keys else None


async def serve(port: int, keys: Collection[str]) -> None:
    publisher = Publisher(read_publisher_settings(os.environ))
    await publisher.start()
    app = web.Application()
    add_async_routes(app, publisher, Known(keys))
    runner = web.AppRunner(app, access_log=None, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2:]))
