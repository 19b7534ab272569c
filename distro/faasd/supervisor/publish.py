"""Published ports as nftables rules, in a table of our own.

A packet to a published port of the node goes to the container; replies find back by connection
tracking. What comes from loopback, or from a container, gets the bridge's address as its source:
otherwise the answer would not come back through here.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from faasd.supervisor.compose.ports import EVERYWHERE
from faasd.supervisor.compose.values import Port

TABLE = "faasd_ports"

_RULES = """\
table ip {table} {{}}
delete table ip {table}
table ip {table} {{
\tchain guard {{
\t\ttype filter hook prerouting priority raw; policy accept;
\t\tiifname "{bridge}" ip daddr 127.0.0.0/8 drop
\t}}
\tchain arriving {{
\t\ttype nat hook prerouting priority dstnat; policy accept;
{arriving}\t}}
\tchain leaving {{
\t\ttype nat hook output priority -100; policy accept;
{leaving}\t}}
\tchain sources {{
\t\ttype nat hook postrouting priority srcnat; policy accept;
\t\toifname "{bridge}" ip saddr 127.0.0.0/8 masquerade
\t\toifname "{bridge}" ct status dnat ct original ip saddr {subnet} masquerade
\t}}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A port of the node and the container's address that it leads to."""

    port: Port
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """The containers' bridge: its name and network (``10.62.0.0/16``)."""

    name: str = "openfaas0"
    subnet: str = "10.62.0.0/16"


def render_rules(published: Sequence[Published], bridge: Bridge) -> str:
    """Return the nft script that makes the table hold just these; none removes the table.

    The guard keeps containers from the node's loopback, which `route_localnet` would let them to.
    """
    if not published:
        return f"table ip {TABLE} {{}}\ndelete table ip {TABLE}\n"
    return _RULES.format(
        table=TABLE,
        bridge=bridge.name,
        subnet=bridge.subnet,
        arriving="".join(_redirections(p for p in published if not _is_loopback(p.port))),
        leaving="".join(_redirections(published)),
    )


def _redirections(published: Sequence[Published] | Iterator[Published]) -> Iterator[str]:
    for each in published:
        port = each.port
        to = "fib daddr type local" if port.address == EVERYWHERE else f"ip daddr {port.address}"
        yield (
            f"\t\t{to} {port.protocol} dport {port.published} "
            f"dnat to {each.address}:{port.target}\n"
        )


def _is_loopback(port: Port) -> bool:
    return ipaddress.ip_address(port.address).is_loopback
