"""Puts a supervisor together for a real node."""

from functools import partial
from pathlib import Path

from faasd.node.adapters.filesystem.resolver import write_hosts
from faasd.node.open import Node
from faasd.supervisor.board import read_board, write_board
from faasd.supervisor.course import WHOLE_LIFE, Course
from faasd.supervisor.fleet import Fleet, Surroundings
from faasd.supervisor.memory import Memory
from faasd.supervisor.nftables import Publisher
from faasd.supervisor.publish import Bridge
from faasd.supervisor.pulse import Pulse
from faasd.supervisor.supervisor import Supervisor
from faasd.supervisor.wanted import SupervisorSettings, read_wanted

_NONE = Pulse()


def open_supervisor(
    node: Node,
    settings: SupervisorSettings,
    run_dir: str,
    course: Course = WHOLE_LIFE,
    pulse: Pulse = _NONE,
) -> Supervisor:
    """Return a supervisor of the core services on `node`, which it uses alone.

    Args:
        node: its event stream ends with the supervisor's run.
        settings: the compose file and where images are.
        run_dir: the node's, where the shared ``hosts`` file is.
        course: how it begins and ends.
        pulse: where it gives its signs of life.
    """
    read = partial(read_wanted, settings, node)
    return Supervisor(node, _surroundings(run_dir), read, course, pulse)


def first_course() -> Course:
    """Return the course of the first run of a `faasd up`."""
    return Course(rests=True)


def next_course(run_dir: str, unhealthy: frozenset[str], *, reloads: bool) -> Course:
    """Return the course of a run that goes on where the one before it left.

    Args:
        run_dir: as above.
        unhealthy: services found so since.
        reloads: the file is read anew.
    """
    directory = Path(run_dir)
    return Course(
        rests=True,
        recall=Memory(directory).recall,
        reloads=reloads,
        restarts={notice.name: notice.restarts for notice in read_board(directory)},
        unhealthy=unhealthy,
    )


def remove_services(node: Node, run_dir: str) -> None:
    """Remove all that earlier runs started, those started last first.

    Raises:
        Unavailable: the runtime does not answer.
    """
    memory = Memory(Path(run_dir))
    remembered = memory.recall()
    fleet = Fleet(node, _surroundings(run_dir))
    fleet.node_address = remembered.node_address
    fleet.remove_all(remembered.wanted)
    memory.forget()


def _surroundings(run_dir: str) -> Surroundings:
    return Surroundings(
        write_hosts=partial(write_hosts, run_dir),
        publish=Publisher(Bridge()).publish,
        tell=partial(write_board, Path(run_dir)),
        remember=Memory(Path(run_dir)).keep,
    )
