"""The one set of firewall rules for the whole subnet, as nft reads it. Pure."""

from faasd.node.adapters.cni.conflist import Conflist

TABLE = "faasd"

# Replaced as a whole in one transaction; nobody else's table is touched. The ports are the
# gateway's, on the bridge's address because the router, which alone asks there, is on the node.
_RULES = """\
table ip {table}
delete table ip {table}
table ip {table} {{
    chain postrouting {{
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr {subnet} ip daddr != {{ {subnet}, 224.0.0.0/4 }} masquerade
    }}
    chain input {{
        type filter hook input priority filter; policy accept;
        ct state {{ established, related }} accept
{metadata}\
        iifname "{bridge}" tcp dport {{ 8084, 8085 }} reject with tcp reset comment "only the router asks the gateway there"
        iifname != {{ "lo", "{bridge}" }} ip daddr {subnet} drop comment "the node's own address for containers"
    }}
    chain forward {{
        type filter hook forward priority filter; policy accept;
        ct state {{ established, related }} accept
{metadata}\
        iifname != "{bridge}" oifname "{bridge}" ct status & dnat != dnat drop comment "containers are reached by published ports only"
    }}
}}
"""  # noqa: E501  # nft has one rule a line

_METADATA = """\
        iifname "{bridge}" ip daddr {{ {addresses} }} meta l4proto {{ tcp, udp }} th dport 53 accept
        iifname "{bridge}" ip daddr {{ {addresses} }} reject with icmp admin-prohibited comment "the cloud's metadata service"
"""  # noqa: E501

METADATA_ADDRESSES = ("169.254.0.0/16", "100.100.100.200", "168.63.129.16")
"""Nearly all clouds', Alibaba's and Azure's. Some have their resolvers there, too."""


def render_rules(conflist: Conflist, *, opens_metadata: bool) -> str:
    """Return the nft script that makes the table hold just these rules."""
    metadata = _METADATA.format(bridge=conflist.bridge, addresses=", ".join(METADATA_ADDRESSES))
    return _RULES.format(
        table=TABLE,
        subnet=conflist.subnet,
        bridge=conflist.bridge,
        metadata="" if opens_metadata else metadata,
    )
