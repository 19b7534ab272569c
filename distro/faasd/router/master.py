"""HAProxy's master process: it starts the workers, and a new one on `reload`."""

import logging
import time
from collections.abc import Callable

from faasd.base.errors import TimedOut, Unavailable
from faasd.router.answers import Worker, parse_worker
from faasd.router.runtime import RuntimeSocket

RELOAD_TIMEOUT = 10.0
_PAUSE = 0.01

log = logging.getLogger(__name__)


def get_worker(admin: RuntimeSocket) -> Worker:
    """Return the worker that serves now.

    Raises:
        Unavailable: HAProxy does not answer.
    """
    return parse_worker(admin.ask("show info")[0])


def reload(
    admin: RuntimeSocket, master: RuntimeSocket, *, clock: Callable[[], float] = time.monotonic
) -> None:
    """Have the configuration loaded by a new worker; return when that one serves.

    The old one ends its requests, and hands new ones on kept-alive connections to its successor.

    Raises:
        Unavailable: HAProxy's master does not answer.
        TimedOut: no new worker came: the configuration is refused, the old one still serves.
    """
    before, began = get_worker(admin), clock()
    ordered = False
    while not ordered or _find_pid(admin) in (None, before.pid):
        ordered = ordered or _order_reload(master)
        if clock() - began > RELOAD_TIMEOUT:
            raise TimedOut(
                f"HAProxy loaded no new configuration within {RELOAD_TIMEOUT:g} s and goes on "
                "with the old one; its log says why"
            )
        time.sleep(_PAUSE)
    log.info("the router has loaded a new configuration in %.2f s", clock() - began)


def has_old_workers(master: RuntimeSocket) -> bool:
    """Tell whether a worker that was replaced still has connections; its counters are not read.

    Raises:
        Unavailable: HAProxy's master does not answer.
    """
    return bool(parse_old_workers(master.order("show proc;quit")))


def parse_old_workers(text: str) -> list[int]:
    """Return the processes under ``# old workers`` in the answer to `show proc`.

    Format: section 9.4 of HAProxy 2.6's management guide.
    """
    _, _, after = text.partition("# old workers")
    old = after.partition("#")[0].splitlines()
    return [int(fields[0]) for fields in map(str.split, old) if fields and fields[0].isdigit()]


def _order_reload(master: RuntimeSocket) -> bool:
    """Tell whether the master took it; it does not listen while it starts or reloads."""
    try:
        master.order("reload")
    except Unavailable as error:
        if isinstance(error.__cause__, ConnectionRefusedError):
            return False
        raise
    return True


def _find_pid(admin: RuntimeSocket) -> int | None:
    try:
        return get_worker(admin).pid
    except Unavailable:
        return None
