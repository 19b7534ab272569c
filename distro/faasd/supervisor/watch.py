"""Sees core services end or turn unhealthy, by the kernel's pidfds and by runc.

containerd would tell, too, but gRPC is larger than all else of a process that mostly waits.
"""

import selectors
from collections.abc import Sequence

from faasd.supervisor.board import Notice
from faasd.supervisor.ends import End
from faasd.supervisor.probe import Probe


class Watch:
    """The services of a board, watched from one thread that waits on a selector.

    Attributes:
        ended: services whose process has ended.
        unhealthy: services of which too many checks in a row failed.
    """

    def __init__(
        self,
        selector: selectors.BaseSelector,
        notices: Sequence[Notice],
        now: float,
        exec_command: Sequence[str],
    ) -> None:
        """Begin; `exec_command` runs, with a name and arguments, a program in that container."""
        running = [notice for notice in notices if notice.pid]
        self._ends = {notice.name: End(selector, notice.pid) for notice in running}
        self._probes = {
            notice.name: Probe(selector, notice, exec_command, now)
            for notice in running
            if notice.check
        }
        self.ended: frozenset[str] = frozenset()
        self.unhealthy: frozenset[str] = frozenset()

    def tend(self, now: float) -> None:
        """Take in what happened, and begin the checks that are due."""
        self.ended = frozenset(name for name, end in self._ends.items() if end.has_come())
        self.unhealthy = frozenset(
            name
            for name, probe in self._probes.items()
            if name not in self.ended and probe.is_unhealthy(now)
        )

    def next_due(self) -> float:
        """Return when the next thing is due, in seconds of the monotonic clock."""
        return min((probe.due for probe in self._probes.values()), default=float("inf"))

    def close(self) -> None:
        """Watch no more; checks under way are killed."""
        for probe in self._probes.values():
            probe.close()
        for end in self._ends.values():
            end.close()
