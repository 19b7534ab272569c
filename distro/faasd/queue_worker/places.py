"""The places for calls in flight: as many calls at once, no more."""

import asyncio


class Places:
    """Counts places; one that waits for a free one sleeps."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.taken = 0
        self._freed = asyncio.Event()

    async def wait_free(self) -> int:
        """Wait until there is one; return how many there are."""
        while self.taken >= self.count:
            self._freed.clear()
            await self._freed.wait()
        return self.count - self.taken

    def take(self) -> None:
        """Take one."""
        self.taken += 1

    def free(self) -> None:
        """Give one back."""
        self.taken -= 1
        self._freed.set()
