"""`faasd service`: the core services, one by one."""

import os
import select
import signal
from contextlib import closing

import click

from faasd.base.errors import NotFound, Unavailable
from faasd.base.names import CORE_NAMESPACE
from faasd.cli.core import list_core_lines, list_core_services, list_notices
from faasd.cli.install import require_root
from faasd.cli.logs import FOLLOW, TAIL, follow_lines, query, show_lines
from faasd.cli.node import open_this_node
from faasd.cli.report import render_core

GRACE = 10.0
"""Seconds from SIGTERM to SIGKILL."""


@click.group()
def service() -> None:
    """The core services that `faasd up` keeps running."""


@service.command(name="list")
def list_services() -> None:
    """List them, with state, health, restarts, memory and image."""
    require_root()
    with closing(open_this_node()) as node:
        print(render_core(list_core_lines(node)))


@service.command(name="logs")
@click.argument("name")
@FOLLOW
@TAIL
def service_logs(name: str, follow: bool, tail: int) -> None:  # noqa: FBT001
    """Print what NAME printed."""
    require_service(name)
    (follow_lines if follow else show_lines)([query(CORE_NAMESPACE, name, tail)])


@service.command()
@click.argument("name")
def restart(name: str) -> None:
    """End NAME's process by SIGTERM, after 10 s by SIGKILL; `faasd up` runs it again at once."""
    require_root()
    require_service(name)
    notice = next((one for one in list_notices() if one.name == name), None)
    if notice is None:
        raise NotFound(f"`faasd up`, which would run {name} again, does not run: sudo faasd start")
    if not notice.pid:
        raise Unavailable(f"{name} does not run just now; `faasd service list` tells its state")
    end_process(notice.pid)
    print(f"{name} was ended, and is run again")


def end_process(pid: int) -> None:
    """End a process, gently first; one that is gone is fine."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(fd, number)
            if select.select([fd], [], [], GRACE)[0]:
                return
    except ProcessLookupError:
        return
    finally:
        os.close(fd)


def require_service(name: str) -> None:
    """Refuse a name that no service has.

    Raises:
        NotFound: none has; the sentence names those there are.
    """
    names = list_core_services()
    if name not in names:
        known = ", ".join(names) or "none"
        raise NotFound(f"there is no core service {name}; there are: {known}")
