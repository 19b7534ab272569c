"""Who is found where: names for the hosts file, published ports for the firewall. Pure."""

from collections.abc import Mapping, Sequence

from faasd.node.domain.container import Workload
from faasd.supervisor.decide import Wanted
from faasd.supervisor.publish import Published

PROVIDER = "faasd-provider"
"""The provider's name for core services and functions; it listens on the bridge's own address."""


def core_hosts(
    wanted: Sequence[Wanted], found: Mapping[str, Workload], node_address: str
) -> dict[str, str]:
    """Return the address of each core service by name; on the node's network it is the node's.

    That one is known before the service is there.
    """
    hosts = {PROVIDER: node_address}
    for each in wanted:
        workload = found.get(each.name)
        address = node_address if each.spec.host_network else workload and workload.address
        if address:
            hosts[each.name] = address
    return hosts


def core_ports(wanted: Sequence[Wanted], found: Mapping[str, Workload]) -> list[Published]:
    """Return the published ports of the services that have an address."""
    return [
        Published(port=port, address=workload.address)
        for each in wanted
        if (workload := found.get(each.name)) is not None and workload.address
        for port in each.service.ports
    ]
