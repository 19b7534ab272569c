"""Where a service on the node's own network is going to listen, as far as its file tells."""

from collections.abc import Iterator

from faasd.supervisor.compose.ports import EVERYWHERE
from faasd.supervisor.compose.values import CoreService, Port

SUFFIX = "_BIND"
"""Variables whose names end so hold addresses, as HAProxy's ``bind`` takes them."""

_ALL = ("", "*", EVERYWHERE)


def list_binds(service: CoreService) -> Iterator[tuple[str, Port]]:
    """Yield each variable with an IPv4 address and port in it: ``ROUTER_BIND: ":8080"``.

    Others (IPv6, sockets of files) are left to the service itself to find taken.
    """
    if not service.host_network:
        return
    for name, value in service.environment.items():
        for one in value.split(",") if name.endswith(SUFFIX) else ():
            address, _, port = one.strip().rpartition(":")
            if port.isdecimal() and (address in _ALL or address.count(".") == 3):  # noqa: PLR2004
                where = EVERYWHERE if address in _ALL else address
                yield name, Port(address=where, published=int(port), target=int(port))
