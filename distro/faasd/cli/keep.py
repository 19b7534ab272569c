"""`python3 -m faasd.cli.keep FILE`: what `faasd up` becomes, the process that stays.

It collects what functions print and keeps the core services running, both in one loop, and knows
neither gRPC nor click: all the rest of a node's life it waits.
"""

import logging
import os
import select
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from faasd.base.errors import FaasdError
from faasd.base.notices import Notices, take_notices
from faasd.collector import CollectorSettings, collecting_alone
from faasd.collector.collector import LOOK_EVERY, Collector
from faasd.installer.paths import LOG_DIR, RUN_DIR, RUNC_STATE
from faasd.supervisor.board import read_board, remove_board
from faasd.supervisor.keeper import Keeper
from faasd.supervisor.lock import take_lock
from faasd.supervisor.telling import Telling
from faasd.supervisor.watch import Watch

EXEC = ("runc", "--root", RUNC_STATE, "exec")


def keep(file: str, notices: Notices) -> int:
    """Run one life of `faasd up`, telling systemd how it is; return its exit status."""
    directory = Path(RUN_DIR)
    telling = Telling(notices, directory)
    with ExitStack() as undo:
        undo.enter_context(take_lock(directory, file))
        remove_board(directory)
        undo.callback(remove_board, directory)
        keeper = undo.enter_context(closing(make_keeper(file, directory)))
        keeper.start()
        collector: Collector | None = None
        while keeper.status is None:
            if collector is None:
                collector = _begin_collecting(keeper, undo)
            if collector is not None:
                collector.turn(keeper.pause())
            else:
                select.select([keeper], [], [], min(LOOK_EVERY, keeper.pause()))
            keeper.tend()
            telling.tell(keeper.phase, time.monotonic())
        if keeper.status:
            notices.tell_status("the core services could not be started; the log says why")
        return keeper.status


def make_keeper(file: str, directory: Path) -> Keeper:
    """Return what keeps the services of a compose file."""

    def make_command(arguments: Sequence[str]) -> Sequence[str]:
        # It dies with this process: two at a time would hinder one another.
        return (
            *("setpriv", "--pdeathsig", "KILL"),
            *(sys.executable, "-P", "-m", "faasd.cli", "supervise", file, *arguments),
        )

    return Keeper(
        make_command,
        directory,
        lambda selector, now: Watch(selector, read_board(directory), now, EXEC),
    )


def _begin_collecting(keeper: Keeper, undo: ExitStack) -> Collector | None:
    """Collect, unless another process still does."""
    settings = CollectorSettings(run_dir=RUN_DIR, log_dir=LOG_DIR)
    with ExitStack() as trial:
        collector = trial.enter_context(collecting_alone(settings))
        if collector is not None:
            collector.wake_on(keeper.fileno())
            undo.push(trial.pop_all())
    return collector


def main() -> int:
    """Run until a signal, or until the services cannot be started."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    notices = take_notices(os.environ)
    try:
        return keep(sys.argv[1], notices)
    except FaasdError as error:
        notices.tell_status(str(error))
        print(f"faasd: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
