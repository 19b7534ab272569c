"""One thread that looks at the machine's memory; if it is short, idle functions sleep deeper.

Paused functions are stopped, the longest asleep first, one at a time. When there are none, the
gateway is told: it knows which functions that are awake are idle.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock, Thread

from faasd.base.errors import FaasdError
from provider_app.config import ProviderConfig
from provider_app.domain.function import FunctionKey
from provider_app.domain.kernel_memory import parse_available, parse_stalls
from provider_app.domain.pressure import Pressure, Reading, Strain, see_reading
from provider_app.services.claims import Claims
from provider_app.services.sleeps import Sleeps

LOOK_EVERY = 1.0
"""Seconds."""

log = logging.getLogger(__name__)


class MemoryWatch:
    """Looks until `close`.

    Args:
        wake: called with a function that is to sleep deeper.
    """

    def __init__(
        self,
        claims: Claims,
        sleeps: Sleeps,
        config: ProviderConfig,
        wake: Callable[[FunctionKey], None],
    ) -> None:
        self._claims = claims
        self._sleeps = sleeps
        self._stalls = Path(config.pressure_file)
        self._meminfo = Path(config.meminfo_file)
        self._wake = wake
        self._pressure = Pressure()
        self._asks_gateway = False
        self._closed = Event()
        self._lock = Lock()
        self._thread = Thread(target=self._run, name="memory-watch")

    @property
    def short(self) -> bool:
        """Whether the machine is short of memory."""
        return self._pressure.short

    @property
    def asks_gateway(self) -> bool:
        """Whether idle functions that are awake are to sleep: memory is short, none is paused."""
        return self._asks_gateway

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._closed.wait(LOOK_EVERY):
            try:
                self.look(self._read())
            except FaasdError as error:
                log.warning("idle functions cannot be put deeper to sleep: %s", error)
            except Exception:
                # It must go on looking: who else would help when memory is short?
                log.exception("looking at the memory: unexpected")

    def look(self, reading: Reading) -> None:
        """Take one reading in, and do what it asks for."""
        with self._lock:
            before, self._pressure = self._pressure, see_reading(self._pressure, reading)
            if self._pressure.short != before.short:
                _tell(self._pressure)
            if not self._pressure.short or self._pressure.strain is Strain.NONE:
                # What was freed may do, long before memory is called enough again.
                self._asks_gateway = False
            elif self._pressure.wants_step:
                self._step(reading.at)

    def _step(self, at: float) -> None:
        paused = self._claims.list_paused()
        self._asks_gateway = not paused
        self._pressure = replace(self._pressure, stepped_at=at)
        for sleeper in paused[:1]:
            log.info("%s is stopped, it was paused: the machine is short of memory", sleeper.key)
            self._sleeps.deepen([sleeper.key])
            self._wake(sleeper.key)

    def _read(self) -> Reading:
        return Reading(
            at=time.monotonic(),
            stalled=parse_stalls(_text(self._stalls)),
            available=parse_available(_text(self._meminfo)),
        )


def _text(path: Path) -> str:
    """Return a file's text, empty where it is not there: kernels may have no PSI, or forbid it."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _tell(pressure: Pressure) -> None:
    if not pressure.short:
        log.info("the machine has memory again")
        return
    reading = pressure.last
    left = reading.available if reading is not None else None
    said = "" if left is None else f", {left:.0%} is available"
    log.warning("the machine is short of memory%s: idle functions go deeper to sleep", said)
