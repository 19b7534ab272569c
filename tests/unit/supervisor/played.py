"""A keeper with small programs in the supervisor's place."""

import select
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from faasd.supervisor.board import read_board
from faasd.supervisor.keeper import Keeper
from faasd.supervisor.pulse import Patience
from faasd.supervisor.watch import Watch

PATIENCE = 20.0
PROLOGUE = """
import os, signal, sys, time
sys.path.insert(0, {distro!r})
from pathlib import Path
from faasd.supervisor.board import Notice, write_board
from faasd.supervisor.pulse import Pulse
pulse = Pulse.take(os.environ)
place = Path({place!r})
def note(*words):
    with (place / "told").open("a") as file:
        file.write(" ".join(words) + "\\n")
def run(pid):
    write_board(place, [Notice(name="nats", image="x", state="running", health="healthy",
                               restarts=0, pid=pid)])
def until_told():
    number = signal.sigwait([signal.SIGTERM, signal.SIGHUP])
    note("heard", signal.Signals(number).name)
note("began", *sys.argv[1:])
"""
DISTRO = str(Path(__file__).parents[3] / "distro")


class Played:
    """A keeper of a program that plays the supervisor, and a service, `sleep`, that it kept."""

    def __init__(self, place: Path, program: str, patience: Patience) -> None:
        self.place = place
        script = place / "supervisor.py"
        prologue = PROLOGUE.format(distro=DISTRO, place=str(place))
        script.write_text(prologue + textwrap.dedent(program))
        self.keeper = Keeper(self._command(script), place, self._watch, patience)

    def _command(self, script: Path) -> Callable[[Sequence[str]], Sequence[str]]:
        return lambda arguments: ["/usr/bin/python3", str(script), *arguments]

    def _watch(self, selector: object, now: float) -> Watch:
        return Watch(selector, read_board(self.place), now, ["true"])  # type: ignore[arg-type]

    def turn(self) -> None:
        select.select([self.keeper], [], [], min(0.1, self.keeper.pause()))
        self.keeper.tend()

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"told until then: {self.told()}"
            self.turn()

    def told(self) -> list[str]:
        file = self.place / "told"
        return file.read_text().splitlines() if file.exists() else []


class Play(Protocol):
    def __call__(self, program: str, patience: Patience = ...) -> Played: ...
