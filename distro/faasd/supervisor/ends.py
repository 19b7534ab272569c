"""Ends of processes, waited for together with whatever else a selector waits for."""

import os
import select
import selectors


class End:
    """The end of one process, be it a child or not: a pidfd in a selector."""

    def __init__(self, selector: selectors.BaseSelector, pid: int) -> None:
        self._selector = selector
        self._fd = -1
        try:
            self._fd = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        selector.register(self._fd, selectors.EVENT_READ)

    def has_come(self) -> bool:
        """Tell whether the process has ended."""
        if self._fd < 0:
            return True
        asked = select.poll()
        asked.register(self._fd, select.POLLIN)
        return bool(asked.poll(0))

    def close(self) -> None:
        """Wait for it no more; doing it again is fine."""
        if self._fd >= 0:
            self._selector.unregister(self._fd)
            os.close(self._fd)
            self._fd = -1
