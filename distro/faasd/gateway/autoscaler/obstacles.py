"""What speaks against letting a function sleep though the router's counters show no call of it."""

import asyncio
from pathlib import Path
from typing import Protocol

from faasd.base.errors import FaasdError
from faasd.router.master import has_old_workers
from faasd.router.runtime import RuntimeSocket


class Queue(Protocol):
    """Knows of asynchronous calls that wait: `faasd.gateway.publisher.Publisher`."""

    async def count_waiting(self, key: str, /) -> int:
        """Return how many wait for a function; 0 where the queue does not answer."""


class Obstacles(Protocol):
    """Knows what speaks against sleep."""

    async def find(self, key: str, /) -> str:
        """Return the reason for which ``NAME.NAMESPACE`` may not sleep now; none is empty."""


class KnownObstacles:
    """Looks for calls in the queue, and for conversations that an old worker of HAProxy has.

    Such a worker's counters are not read: for the half hour at most that it may live after the
    pool grew, nothing is put to sleep.

    Args:
        master_socket: HAProxy's master's.
    """

    def __init__(self, queue: Queue, master_socket: Path) -> None:
        self._queue = queue
        self._master = RuntimeSocket(master_socket)

    async def find(self, key: str) -> str:
        """Return the reason for which a function may not sleep now; see `Obstacles`."""
        if waiting := await self._queue.count_waiting(key):
            return f"{waiting} asynchronous calls wait for it"
        try:
            if await asyncio.to_thread(has_old_workers, self._master):
                return "a worker of HAProxy that was replaced still has connections"
        except FaasdError as error:
            return str(error)
        return ""
