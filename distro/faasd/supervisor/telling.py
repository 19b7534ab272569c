"""What `faasd up` tells systemd of itself, turn by turn."""

from collections.abc import Sequence
from pathlib import Path

from faasd.base.notices import Notices
from faasd.supervisor.board import Notice, read_board
from faasd.supervisor.keeper import Phase

LOOK_EVERY = 1.0
"""Seconds between looks at the board while something is being done."""

LONGER = 60.0
"""Seconds that a start or a reload may go on after each sign of life: images take their time."""

_RUNNING = "running"
_FINE = ("healthy", "unchecked")


class Telling:
    """Ready is who has had every core service run; from then on systemd waits for signs of life.

    Health is no condition: the router waits for the provider, and neither may wait for the other.
    """

    def __init__(self, notices: Notices, directory: Path) -> None:
        """Make it; `directory` holds the board."""
        self._notices = notices
        self._directory = directory
        self._phase: Phase | None = None
        self._is_ready = False
        self._next_look = 0.0

    def tell(self, phase: Phase, now: float) -> None:
        """Tell what there is to tell; `now` is of the monotonic clock, in seconds."""
        if not self._notices:
            return
        is_new = phase is not self._phase
        if is_new or (phase is not Phase.RESTING and now >= self._next_look):
            self._next_look = now + LOOK_EVERY
            services = read_board(self._directory)
            self._tell_ready(phase, services)
            self._notices.tell_status(describe(phase, services))
        if is_new:
            self._tell_turn(phase, now)
        is_long = phase in (Phase.STARTING, Phase.RELOADING)
        self._notices.beat(now, extend=LONGER if is_long else 0.0)

    def _tell_ready(self, phase: Phase, services: Sequence[Notice]) -> None:
        if not self._is_ready and is_up(phase, services):
            self._is_ready = True
            self._notices.tell_ready()

    def _tell_turn(self, phase: Phase, now: float) -> None:
        before, self._phase = self._phase, phase
        if phase is Phase.ENDING:
            self._notices.tell_stopping()
        elif phase is Phase.RELOADING:
            self._notices.tell_reloading(now)
        elif before is Phase.RELOADING:
            self._notices.tell_ready()


def is_up(phase: Phase, services: Sequence[Notice]) -> bool:
    """Tell whether the first start is over."""
    if phase is Phase.STARTING:
        return bool(services) and all(one.state == _RUNNING for one in services)
    return phase is not Phase.ENDING


def describe(phase: Phase, services: Sequence[Notice]) -> str:
    """Return a sentence for people."""
    if phase is Phase.ENDING:
        return "ending"
    down = [one.name for one in services if one.state != _RUNNING]
    ill = [one.name for one in services if one.name not in down and one.health not in _FINE]
    words = [f"{len(services) - len(down)} of {len(services)} core services run"]
    words += [f"down: {', '.join(down)}"] if down else []
    words += [f"not healthy yet: {', '.join(ill)}"] if ill else []
    if phase is Phase.WAITING:
        words.append("looking after them failed, see the log; trying again")
    elif phase is not Phase.RESTING:
        words.insert(0, phase.value)
    return "; ".join(words)
