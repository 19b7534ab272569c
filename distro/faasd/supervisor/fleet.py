"""The core services' containers: found, started, restarted, removed, and made known."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from faasd.base.errors import AlreadyExists, FaasdError
from faasd.base.names import CORE_NAMESPACE
from faasd.node.domain.container import Workload
from faasd.node.open import Node
from faasd.supervisor.addresses import core_hosts, core_ports
from faasd.supervisor.board import Notice
from faasd.supervisor.course import Remembered
from faasd.supervisor.decide import Action, Remove, Restarted, Start, Wanted
from faasd.supervisor.publish import Published

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What tells others where the core services are.

    Attributes:
        write_hosts: writes the hosts file that all containers share: address by name.
        publish: makes these the node's published ports, and no others.
        tell: takes the state of all services, for people and for who watches them.
        remember: takes what a later run is to go on with.
    """

    write_hosts: Callable[[Mapping[str, str]], object]
    publish: Callable[[Sequence[Published]], None]
    tell: Callable[[Sequence[Notice]], None]
    remember: Callable[[Remembered], None]


class Fleet:
    """The containers of the core namespace.

    Attributes:
        node_address: the node's on the bridge, once it is known.
    """

    def __init__(self, node: Node, surroundings: Surroundings) -> None:
        self._workloads = node.workloads
        self._node = node
        self._surroundings = surroundings
        self.node_address = ""
        self._hosts: dict[str, str] = {}
        self._told: Sequence[Notice] | None = None

    def prepare(self) -> None:
        """Make the bridge and the namespace."""
        self.node_address = self._node.networks.prepare()
        self._node.namespaces.ensure(CORE_NAMESPACE, {})

    def find(self) -> dict[str, Workload]:
        """Return the containers there are, by name."""
        return {one.id: one for one in self._workloads.list(CORE_NAMESPACE)}

    def carry_out(self, action: Action, wanted: Sequence[Wanted]) -> None:
        """Do what was decided; see `Workloads` for the errors."""
        match action:
            case Start(wanted=one):
                self._make(one)
                self.make_known(wanted)
                self._workloads.start(CORE_NAMESPACE, one.name)
                log.info("started service %s", one.name)
            case Restarted(wanted=one, why=why):
                log.warning("restarting service %s: %s", one.name, why)
                self._workloads.stop(CORE_NAMESPACE, one.name)
                self._workloads.start(CORE_NAMESPACE, one.name)
            case Remove(container=name, why=why):
                log.info("removing service %s: %s", name, why)
                self._workloads.remove(CORE_NAMESPACE, name)

    def make_known(self, wanted: Sequence[Wanted]) -> None:
        """Bring hosts file and published ports up to what runs now."""
        found = self.find()
        hosts = core_hosts(wanted, found, self.node_address)
        if hosts != self._hosts:
            self._surroundings.write_hosts(hosts)
            self._hosts = hosts
        self._surroundings.publish(core_ports(wanted, found))

    def remember(self, wanted: Sequence[Wanted]) -> None:
        """Leave this to a run that goes on after this one."""
        remembered = Remembered(wanted=tuple(wanted), node_address=self.node_address)
        self._surroundings.remember(remembered)

    def tell(self, notices: Sequence[Notice]) -> None:
        """Tell the services' state where it is another than was told before."""
        if notices != self._told:
            self._surroundings.tell(notices)
            self._told = notices

    def remove_all(self, wanted: Sequence[Wanted]) -> None:
        """Stop and remove every container, those started last first, and publish nothing."""
        order = {each.name: number for number, each in enumerate(wanted)}
        found = self.find()
        for name in sorted(found, key=lambda name: order.get(name, len(order)), reverse=True):
            try:
                self._workloads.remove(CORE_NAMESPACE, name)
            except FaasdError as error:  # The others are removed all the same.
                log.error("service %s is left: %s", name, error)  # noqa: TRY400
            else:
                log.info("removed service %s", name)
        self._surroundings.publish(())
        self._surroundings.write_hosts(core_hosts((), {}, self.node_address))
        self.tell(())

    def _make(self, wanted: Wanted) -> None:
        """Make the container, or what a reboot took of it."""
        found = self._workloads.find(CORE_NAMESPACE, wanted.name)
        if found is None or found.address is None:
            # On the node's network there never is an address: it may be whole all the same.
            with suppress(AlreadyExists):
                self._workloads.create(wanted.spec)
