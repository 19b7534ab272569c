"""systemd: the units come with the package, this enables and starts them."""

from faasd.installer.programs import run_program, try_program
from faasd.installer.services.manager import PROGRAMS

_UNITS = tuple(f"{name}.service" for name in PROGRAMS)


class Systemd:
    """Our units under systemd; containerd's unit is Debian's."""

    def enable(self) -> str:
        """Have the units started at each boot."""
        run_program("systemctl", "daemon-reload")
        run_program("systemctl", "enable", "--quiet", "containerd.service", *_UNITS)
        return f"{', '.join(_UNITS)} enabled"

    def start(self) -> str:
        """Start containerd if it does not run, and our units anew."""
        run_program("systemctl", "start", "containerd.service")
        run_program("systemctl", "restart", *_UNITS)
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
        """Restart the units that run."""
        run_program("systemctl", "daemon-reload")
        run_program("systemctl", "try-restart", *_UNITS)
        return f"{', '.join(_UNITS)} restarted where they ran"

    def states(self) -> dict[str, str]:
        """Return ``active``, ``activating``, ``failed`` or ``inactive`` for each unit."""
        names = ("containerd", *PROGRAMS)
        return {name: _state(name) for name in names}


def _state(name: str) -> str:
    shown = run_program("systemctl", "show", "--property=ActiveState", "--value", name)
    return shown.strip() or "unknown"
