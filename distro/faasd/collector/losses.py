"""Counts lines that could not be kept, and says so once, not once a line."""

import logging

log = logging.getLogger(__name__)


class Losses:
    """Lines lost since the last one that was kept, and altogether.

    Attributes:
        total: lines lost so far.
    """

    def __init__(self) -> None:
        self.total = 0
        self._since = 0

    def add(self, lines: int, error: OSError) -> None:
        """Count `lines` as lost; the first are said."""
        if self._since == 0:
            log.error("cannot keep what functions print: %s; dropping it until I can", error)
        self.total += lines
        self._since += lines

    def end(self) -> None:
        """Say how many were lost, if any, because the next was kept."""
        if self._since:
            log.warning("dropped %d lines; keeping what functions print again", self._since)
            self._since = 0
