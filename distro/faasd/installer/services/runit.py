"""runit without its init: one `runsvdir` of our own supervises our service directories."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import partial

from faasd.base.errors import TimedOut, Unavailable
from faasd.installer.assets import read_asset
from faasd.installer.files import remove_tree, write_file
from faasd.installer.paths import SERVICES_DIR, Machine
from faasd.installer.programs import run_program, try_program
from faasd.installer.services.manager import (
    CADDY_SERVICE,
    KEEPER,
    PROGRAMS,
    containerd_answers,
    containerd_is_ours,
    decide_services,
)
from faasd.installer.services.processes import find_processes, is_supervised

_START_TIMEOUT = 20.0
_STOP_TIMEOUT = "75"
_POLL = 0.05


class Runit:
    """Our programs, and containerd where nobody else runs it, under runit."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._directory = machine.at(SERVICES_DIR)
        self._command = ["runsvdir", "-P", str(self._directory)]

    def enable(self) -> str:
        """Write the service directories; nothing starts them at boot (see docs/install.md)."""
        wanted = decide_services(
            containerd_answers=containerd_answers(self._machine),
            containerd_is_ours=containerd_is_ours(self._machine),
        )
        for name in wanted:
            self._write_service(name)
        return f"{', '.join(wanted)} in {SERVICES_DIR}"

    def start(self) -> str:
        """Start `runsvdir` unless it runs, and our programs anew."""
        running = [name for name in PROGRAMS if self._state(name) == "run"]
        self.enable()
        if not find_processes(self._command):
            self._start_supervisor()
        names = self._names()
        for name in names:
            _wait(partial(self._is_supervised, name), f"runit to see {name}")
            run_program("sv", "start", self._at(name))
        _wait(lambda: containerd_answers(self._machine), "containerd to answer")
        for name in running:
            self._restart(name)
        return f"{', '.join(names)} under runit"

    def stop(self) -> str:
        """Stop our programs; functions go on, containerd holds them."""
        running = [name for name in reversed(PROGRAMS) if self._is_supervised(name)]
        for name in running:
            self._stop(name)
        return f"{', '.join(running)} stopped" if running else "nothing ran"

    def disable(self) -> str:
        """Stop everything supervised, containerd last, and `runsvdir`; remove the directories."""
        self.stop()
        if self._is_supervised("containerd"):
            self._stop("containerd")
        supervisors = find_processes(self._command)
        for process in supervisors:
            os.kill(process, signal.SIGHUP)
        _wait(lambda: not find_processes(self._command), "runsvdir to end")
        for name in self._names():
            self._end_supervision(name)
        there = remove_tree(self._directory)
        return "runit's directories removed" if there or supervisors else "nothing was there"

    def refresh(self) -> str:
        """Restart the programs that are supervised; core services go on meanwhile."""
        running = [name for name in PROGRAMS if self._state(name) == "run"]
        for name in running:
            self._restart(name)
        return f"{', '.join(running)} restarted" if running else "nothing ran"

    def states(self) -> dict[str, str]:
        """Return what `sv status` says of each service, e.g. ``run`` or ``down``."""
        return {name: self._state(name) for name in self._names()}

    def _write_service(self, name: str) -> None:
        for script in ("run", "log/run"):
            target = self._directory / name / script
            write_file(target, read_asset(f"sv/{name}/{script}"), 0o755)

    def _start_supervisor(self) -> None:
        if shutil.which("runsvdir") is None:
            raise Unavailable(
                "runsvdir is not installed, and without systemd it must run our programs: "
                "apt-get install --no-install-recommends runit"
            )
        subprocess.run(
            ["setsid", "--fork", *self._command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            check=True,
        )

    def _names(self) -> Sequence[str]:
        order = ("containerd", *PROGRAMS, CADDY_SERVICE)
        return [name for name in order if (self._directory / name).is_dir()]

    def _at(self, name: str) -> str:
        return str(self._directory / name)

    def _is_supervised(self, name: str) -> bool:
        return is_supervised(self._directory / name)

    def _restart(self, name: str) -> None:
        if name == KEEPER and (before := self._process(name)):
            run_program("sv", "1", self._at(name))  # SIGUSR1; its runsv runs it again
            _wait(lambda: self._process(name) not in ("", before), f"{name} to run anew")
        else:
            run_program("sv", "-w", _STOP_TIMEOUT, "force-restart", self._at(name))
        _wait(lambda: self._state(name) == "run", f"{name} to run")

    def _stop(self, name: str) -> None:
        run_program("sv", "-w", _STOP_TIMEOUT, "force-stop", self._at(name))

    def _end_supervision(self, name: str) -> None:
        """Ask for it again: runsvdir asks its runsv to end, but has been seen to miss some."""
        if self._is_supervised(name):
            try_program("sv", "exit", self._at(name))
        _wait(lambda: not self._is_supervised(name), f"the supervisor of {name} to end")

    def _process(self, name: str) -> str:
        """Return the number of the service's process, or nothing."""
        return (self._directory / name / "supervise/pid").read_text().strip()

    def _state(self, name: str) -> str:
        if not self._is_supervised(name):
            return "not supervised"
        return run_program("sv", "status", self._at(name)).partition(":")[0]


def _wait(is_done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _START_TIMEOUT
    while not is_done():
        if time.monotonic() > end:
            raise TimedOut(f"waited {_START_TIMEOUT:.0f} s for {what}; see /var/log/faasd")
        time.sleep(_POLL)
