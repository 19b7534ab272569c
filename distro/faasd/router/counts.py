"""`Counts`: what HAProxy has counted, by function. It reads only, and tells HAProxy nothing."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from faasd.router.answers import parse_map, parse_stats, parse_worker
from faasd.router.decide import map_functions
from faasd.router.ledger import read_tally, write_tally
from faasd.router.runtime import RuntimeSocket
from faasd.router.settings import MAP_NAME
from faasd.router.tally import FunctionStats, Reading
from faasd.router.wanted import FunctionName

KEEP_EVERY = 60.0
"""Seconds between writes of the tally while nothing but the numbers changes: an SD card wears."""


class Counts:
    """The counters of every routed function since it was first routed. For one thread.

    They go on through restarts of HAProxy and of this program. What a worker of HAProxy counted
    after the last `read` is lost with it, so read every second or so.

    Args:
        admin_socket: HAProxy's; the map of functions is beside it.
        tally_file: where totals are kept; nobody else's.
    """

    def __init__(
        self,
        admin_socket: Path,
        tally_file: Path,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._admin = RuntimeSocket(admin_socket)
        self._map = admin_socket.with_name(MAP_NAME)
        self._file = tally_file
        self._clock = clock
        self._tally = read_tally(tally_file)
        self._kept_at = float("-inf")

    @property
    def worker(self) -> str:
        """The process of HAProxy that was read last; another one begins at zero."""
        return self._tally.reading.worker if self._tally.reading else ""

    def read(self) -> Mapping[FunctionName, FunctionStats]:
        """Return the counters as they are now.

        Raises:
            Unavailable: HAProxy does not answer.
            OSError: the tally cannot be written.
        """
        # The map is read first: a function that comes in between is counted from the next time on.
        entries, info, rows = self._admin.ask(
            f"show map {self._map}", "show info", "show stat -1 2 -1"
        )
        reading = Reading(
            worker=str(parse_worker(info)),
            held=map_functions(parse_map(entries)),
            rows={row.backend: row for row in parse_stats(rows)},
        )
        before, self._tally = self._tally.reading, self._tally.advance(reading)
        moved = before is None or (before.worker, before.held) != (reading.worker, reading.held)
        if moved or self._clock() - self._kept_at > KEEP_EVERY:
            self.keep()
        return self._tally.totals

    def keep(self) -> None:
        """Write the tally to its file, as at the end of the program.

        Raises:
            OSError: it cannot be written.
        """
        write_tally(self._file, self._tally)
        self._kept_at = self._clock()
