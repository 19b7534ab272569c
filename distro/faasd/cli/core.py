"""The core services, as commands see them: from the board, the file, and containerd."""

import os
from collections.abc import Sequence
from pathlib import Path

from faasd.base.errors import FaasdError
from faasd.base.names import CORE_NAMESPACE
from faasd.cli.report import CoreLine
from faasd.installer.paths import COMPOSE_FILE, RUN_DIR
from faasd.node.domain.container import TaskState, Workload
from faasd.node.open import Node
from faasd.supervisor.board import Notice, read_board
from faasd.supervisor.compose.load import load_compose
from faasd.supervisor.lock import find_holder


def list_core_services() -> list[str]:
    """Return the names of those that are supervised, or that the file names."""
    if notices := list_notices():
        return [notice.name for notice in notices]
    try:
        return [service.name for service in load_compose(Path(COMPOSE_FILE), os.environ)]
    except FaasdError:
        return []


def list_notices() -> Sequence[Notice]:
    """Return what `faasd up` tells of its services; nothing where none runs."""
    directory = Path(RUN_DIR)
    return read_board(directory) if find_holder(directory) else ()


def list_core_lines(node: Node) -> tuple[CoreLine, ...]:
    """Return a line for each service that is supervised, that the file names, or that runs.

    Raises:
        Unavailable: containerd does not answer.
    """
    found = {one.id: one for one in node.workloads.list(CORE_NAMESPACE)}
    told = {notice.name: notice for notice in list_notices()}
    names = dict.fromkeys([*list_core_services(), *found])
    return tuple(_line(node, name, told.get(name), found.get(name)) for name in names)


def _line(node: Node, name: str, notice: Notice | None, workload: Workload | None) -> CoreLine:
    state = workload.state if workload else TaskState.NONE
    usage = None
    if state is TaskState.RUNNING:
        usage = node.workloads.usage(CORE_NAMESPACE, name)
    return CoreLine(
        name=name,
        state="not there" if workload is None else state.value,
        health=notice.health if notice and state is TaskState.RUNNING else "",
        restarts=notice.restarts if notice else None,
        memory=usage.memory if usage else None,
        image=notice.image if notice else workload.record.image if workload else "",
    )
