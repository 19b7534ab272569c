"""systemd: the units come with the package, this enables and starts them."""

import time

from faasd.base.errors import TimedOut
from faasd.installer.programs import run_program, try_program
from faasd.installer.services.manager import KEEPER, PROGRAMS

_UNITS = tuple(f"{name}.service" for name in PROGRAMS)
_KEEPER_UNIT = f"{KEEPER}.service"
_OTHER_UNITS = tuple(unit for unit in _UNITS if unit != _KEEPER_UNIT)
_START_TIMEOUT = 20.0
_READY_TIMEOUT = 300.0
"""Seconds for a unit to say that it serves: the first time, images are unpacked."""

_POLL = 0.1


class Systemd:
    """Our units under systemd; containerd's unit is Debian's."""

    def enable(self) -> str:
        """Have the units started at each boot."""
        run_program("systemctl", "daemon-reload")
        run_program("systemctl", "enable", "--quiet", "containerd.service", *_UNITS)
        return f"{', '.join(_UNITS)} enabled"

    def start(self) -> str:
        """Start containerd if it does not run, and our units anew; wait until they serve."""
        run_program("systemctl", "start", "containerd.service")
        _renew_keeper()
        # Core services wait for what the provider writes: one that fails keeps no other from it.
        run_program("systemctl", "restart", "--no-block", *_OTHER_UNITS)
        for unit in _UNITS:
            run_program("systemctl", "start", unit, timeout=_READY_TIMEOUT)
        return f"{', '.join(_UNITS)} started"

    def stop(self) -> str:
        """Stop our units; functions go on, containerd holds them."""
        stopped = [unit for unit in reversed(_UNITS) if try_program("systemctl", "stop", unit)]
        return f"{', '.join(stopped)} stopped" if stopped else "nothing ran"

    def disable(self) -> str:
        """Have the units not started at boot any more."""
        disabled = [unit for unit in _UNITS if try_program("systemctl", "disable", "--now", unit)]
        return f"{', '.join(disabled)} disabled" if disabled else "nothing was enabled"

    def refresh(self) -> str:
        """Restart the units that run; core services go on meanwhile."""
        run_program("systemctl", "daemon-reload")
        _renew_keeper()
        run_program("systemctl", "try-restart", *_OTHER_UNITS)
        return f"{', '.join(_UNITS)} restarted where they ran"

    def states(self) -> dict[str, str]:
        """Return ``active``, ``activating``, ``failed`` or ``inactive`` for each unit."""
        names = ("containerd", *PROGRAMS)
        return {name: _state(name) for name in names}


def _renew_keeper() -> None:
    """Have `faasd up` end without the core services, where it runs; Restart= runs it again.

    Raises:
        TimedOut: it did not run again.
    """
    before = _show(_KEEPER_UNIT, "MainPID")
    if before in ("", "0"):
        return
    run_program("systemctl", "kill", "--kill-whom=main", "--signal=SIGUSR1", _KEEPER_UNIT)
    end = time.monotonic() + _START_TIMEOUT
    while _show(_KEEPER_UNIT, "MainPID") in ("", "0", before):
        if time.monotonic() > end:
            raise TimedOut(
                f"waited {_START_TIMEOUT:.0f} s for {_KEEPER_UNIT} to run anew: see "
                f"`journalctl -u {KEEPER}`"
            )
        time.sleep(_POLL)


def _state(name: str) -> str:
    return _show(name, "ActiveState") or "unknown"


def _show(unit: str, value: str) -> str:
    return run_program("systemctl", "show", f"--property={value}", "--value", unit).strip()
