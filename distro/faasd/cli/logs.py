"""`faasd logs`: what functions and core services printed."""

import time
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import click

from faasd.base.names import CORE_NAMESPACE, DEFAULT_FUNCTION_NAMESPACE, check_dns_label
from faasd.cli.core import list_core_services
from faasd.cli.known import check_known
from faasd.cli.node import SETTINGS
from faasd.node.adapters.logs import CollectedLogs
from faasd.node.domain.logs import LogLine, LogQuery
from faasd.node.ports.logs import LogTail

_POLL = 0.2

FOLLOW = click.option("-f", "--follow", is_flag=True, help="Go on with what is printed from now.")
TAIL = click.option(
    "--tail", type=click.IntRange(min=0), default=100, show_default=True, help="Lines of each."
)


@click.command()
@click.argument("name", required=False, default="")
@click.option("-n", "--namespace", default="", help="Of the function; `openfaas`: core services.")
@FOLLOW
@TAIL
def logs(name: str, namespace: str, follow: bool, tail: int) -> None:  # noqa: FBT001
    """Print what the function or core service NAME printed; without NAME, all core services.

    A name that both have is the function's, unless --namespace says otherwise.
    """
    names = [name] if name else list_core_services()
    space = namespace or (_find_namespace(name) if name else CORE_NAMESPACE)
    queries = [query(space, one, tail) for one in names]
    if name:
        check_known(space, name, Path(SETTINGS.log_dir))
    (follow_lines if follow else show_lines)(queries)


def query(namespace: str, name: str, tail: int) -> LogQuery:
    """Return what asks for the last lines of one function or service.

    Raises:
        InvalidInput: none may have such a name.
    """
    check_dns_label(namespace, field="the namespace")
    return LogQuery(namespace=namespace, name=check_dns_label(name, field="the name"), tail=tail)


def show_lines(queries: Sequence[LogQuery]) -> None:
    """Print the lines that are there, the oldest first."""
    with ExitStack() as undo:
        _print_once(_open(queries, undo), with_names=len(queries) > 1)


def follow_lines(queries: Sequence[LogQuery]) -> None:
    """Print the lines that are there and those to come, until Ctrl-C."""
    with ExitStack() as undo, suppress(KeyboardInterrupt):
        tails = _open(queries, undo)
        while True:
            _print_once(tails, with_names=len(queries) > 1)
            time.sleep(_POLL)


def _open(queries: Sequence[LogQuery], undo: ExitStack) -> list[LogTail]:
    opened = CollectedLogs(SETTINGS)
    return [undo.enter_context(closing(opened.open(one))) for one in queries]


def _print_once(tails: Sequence[LogTail], *, with_names: bool) -> None:
    lines: list[LogLine] = []
    for tail in tails:
        while (more := tail.read()) is not None:
            lines += more
    for line in sorted(lines, key=lambda line: line.timestamp):
        who = f" {line.name}" if with_names else ""
        print(f"{line.timestamp}{who} {line.text}", flush=True)


def _find_namespace(name: str) -> str:
    """Return whose name it is: a core service's only where no function of it ever printed."""
    if name not in list_core_services():
        return DEFAULT_FUNCTION_NAMESPACE
    tail = CollectedLogs(SETTINGS).open(query(DEFAULT_FUNCTION_NAMESPACE, name, 1))
    with closing(tail):
        return DEFAULT_FUNCTION_NAMESPACE if tail.read() else CORE_NAMESPACE
