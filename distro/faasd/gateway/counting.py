"""Counts the calls of functions, once a second, without being on their way."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from faasd.base.errors import FaasdError
from faasd.gateway.book import Book
from faasd.gateway.datagrams import listening
from faasd.gateway.ledger import read_accounts, render_accounts, write_accounts
from faasd.gateway.log_line import Lines
from faasd.router.tally import FunctionStats
from faasd.router.wanted import FunctionName

EVERY = 1.0
KEEP_EVERY = 15.0
"""Seconds between two writes while functions are called: an SD card wears."""
LEDGER = "counts.json"

log = logging.getLogger(__name__)


class CountsReader(Protocol):
    """The router's counters: `faasd.router.counts.Counts`. Waits for the router, so in a thread."""

    @property
    def worker(self) -> str:
        """The process of HAProxy that counted them."""

    def read(self) -> Mapping[FunctionName, FunctionStats]:
        """Return them as they are now."""

    def keep(self) -> None:
        """Write them to their file."""


Follower = Callable[[Mapping[FunctionName, FunctionStats], str], None]
"""Is told what was read, and by which process of HAProxy it was counted."""


class Counting:
    """Keeps the book.

    Attributes:
        followers: told of each look that succeeded, in the event loop; they may not wait.
    """

    def __init__(
        self, counts: CountsReader, router_dir: Path, state_dir: Path, *, every: float = EVERY
    ) -> None:
        self._counts = counts
        self._every = every
        self._router_dir = router_dir
        self._ledger = state_dir / LEDGER
        self._failures, self._samples = Lines(), Lines()
        self._trouble = ""
        self._changed = False
        self.followers: list[Follower] = []
        self.book = Book(accounts=read_accounts(self._ledger))

    async def run(self) -> None:
        """Look at the counters each second, until cancelled; then write what is known.

        Raises:
            Unavailable: the sockets for HAProxy's lines cannot be made.
        """
        try:
            with self._listening() as catch_up, ThreadPoolExecutor(1, "counts") as thread:
                await self._look_on(thread, catch_up)
        finally:
            self._try(self._counts.keep)
            self._try(lambda: write_accounts(self._ledger, self._render()))

    async def _look_on(self, thread: ThreadPoolExecutor, catch_up: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        kept_at = loop.time()
        while True:
            await self.look(thread, catch_up)
            if self._changed and loop.time() - kept_at > KEEP_EVERY:
                kept_at = loop.time()
                await self._keep(thread)
            await asyncio.sleep(self._every)

    async def look(self, thread: ThreadPoolExecutor, catch_up: Callable[[], None]) -> None:
        """Take what the router counted, and then the lines that tell of it."""
        loop = asyncio.get_running_loop()
        try:
            stats = await loop.run_in_executor(thread, self._counts.read)
        except (FaasdError, OSError) as error:
            self._tell(str(error))
            return
        self._tell("")
        catch_up()
        taken = self._failures.take(), self._samples.take()
        self._changed |= self.book.advance(stats, *taken)
        for follower in self.followers:
            follower(stats, self._counts.worker)

    @contextlib.contextmanager
    def _listening(self) -> Iterator[Callable[[], None]]:
        with (
            listening(self._router_dir / "failures.sock", self._failures.add) as failures,
            listening(self._router_dir / "sample.sock", self._samples.add) as samples,
        ):
            yield lambda: (failures(), samples())[0]

    async def _keep(self, thread: ThreadPoolExecutor) -> None:
        text = self._render()
        self._changed = False
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(thread, self._try, lambda: write_accounts(self._ledger, text))

    def _render(self) -> str:
        return render_accounts(self.book.accounts)

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            log.warning("the counts are not on disk: %s", error)

    def _tell(self, trouble: str) -> None:
        """Log a trouble once, and its end."""
        if trouble != self._trouble:
            if trouble:
                log.warning("calls are not counted: %s", trouble)
            else:
                log.info("calls are counted again")
            self._trouble = trouble
