"""Whether HAProxy runs with the settings it should, and when to have them loaded again."""

from collections.abc import Callable

from faasd.router.config import settings_key
from faasd.router.master import get_worker
from faasd.router.runtime import RuntimeSocket
from faasd.router.settings import RouterSettings

FIRST_PAUSE, LONGEST_PAUSE = 30.0, 3600.0
"""Seconds between tries: one holds the routes up as long as HAProxy takes to load or refuse it."""


class Loading:
    """Asks HAProxy which settings it was started with, until they are those wanted."""

    def __init__(
        self, settings: RouterSettings, admin: RuntimeSocket, clock: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._admin = admin
        self._clock = clock
        self._is_done = False
        self._pause = FIRST_PAUSE
        self._due = 0.0

    def is_due(self) -> bool:
        """Tell whether they must be loaded now.

        Raises:
            Unavailable: HAProxy does not answer.
        """
        if self._is_done or self._clock() < self._due:
            return False
        self._is_done = get_worker(self._admin).settings == settings_key(self._settings)
        return not self._is_done

    def note_failure(self) -> float:
        """Note that they were not; return in how many seconds it is tried again."""
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        self._due = self._clock() + pause
        return pause
