"""``ports``: what the node publishes of a service."""

import re

from faasd.supervisor.compose.kinds import as_list, as_text
from faasd.supervisor.compose.tree import Tree
from faasd.supervisor.compose.values import Port
from faasd.supervisor.compose.where import Where

EVERYWHERE = "0.0.0.0"  # noqa: S104  # the file's own word for all addresses of the node
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_PORT = re.compile(
    rf"(?:(?P<address>{_OCTET}(?:\.{_OCTET}){{3}}):)?"
    r"(?:(?P<published>[0-9]{1,5}):)?(?P<target>[0-9]{1,5})(?:/(?P<protocol>tcp|udp))?",
    re.ASCII,
)
_HIGHEST = 65535


def parse_ports(value: Tree, where: Where) -> tuple[Port, ...]:
    """Return the published ports: ``[ADDRESS:][PUBLISHED:]TARGET[/tcp|/udp]`` each.

    ``8080`` alone is ``8080:8080``: a random port, as in Compose, would be of no use here.

    Raises:
        InvalidInput: one is malformed, or two clash.
    """
    ports: list[Port] = []
    for number, item in enumerate(as_list(value, where)):
        port = _parse_port(item, where.item(number))
        for other in ports:
            if port.clashes(other):
                raise where.item(number).wrong(f"{port} is published already, as {other}")
        ports.append(port)
    return tuple(ports)


def _parse_port(value: Tree, where: Where) -> Port:
    text = as_text(value, where)
    match = _PORT.fullmatch(text)
    if match is None or (match["address"] and not match["published"]):
        raise where.wrong(
            f"{text!r} is no port: write it like 127.0.0.1:8080:8080, 8080:8080 or 53:53/udp"
        )
    published, target = int(match["published"] or match["target"]), int(match["target"])
    if not (0 < published <= _HIGHEST and 0 < target <= _HIGHEST):
        raise where.wrong(f"{text!r} must be between 1 and {_HIGHEST}")
    return Port(
        address=match["address"] or EVERYWHERE,
        published=published,
        target=target,
        protocol=match["protocol"] or "tcp",
    )
