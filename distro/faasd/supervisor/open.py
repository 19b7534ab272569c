"""Puts a supervisor together for a real node."""

from functools import partial

from faasd.node.adapters.filesystem.resolver import write_hosts
from faasd.node.open import Node
from faasd.supervisor.fleet import Surroundings
from faasd.supervisor.nftables import Publisher
from faasd.supervisor.publish import Bridge
from faasd.supervisor.supervisor import Supervisor
from faasd.supervisor.wanted import SupervisorSettings, read_wanted


def open_supervisor(node: Node, settings: SupervisorSettings, run_dir: str) -> Supervisor:
    """Return a supervisor of the core services on `node`, which it uses alone.

    Args:
        node: its event stream ends with the supervisor's run.
        settings: the compose file and where images are.
        run_dir: the node's, where the shared ``hosts`` file is.
    """
    surroundings = Surroundings(
        write_hosts=partial(write_hosts, run_dir),
        publish=Publisher(Bridge()).publish,
    )
    return Supervisor(node, surroundings, partial(read_wanted, settings, node.images))
