"""The containers' bridge, as its configuration in force says."""

import ipaddress
import json
from dataclasses import dataclass

from faasd.installer.assets import read_asset
from faasd.installer.paths import NETWORK_CONFIG, Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """Its name, and the node's own address on it."""

    name: str
    address: str


def find_bridge(machine: Machine) -> Bridge:
    """Return the bridge of the file in force, or as shipped where that cannot be read."""
    try:
        return parse_bridge(machine.at(NETWORK_CONFIG).read_text())
    except (OSError, ValueError, LookupError, TypeError, StopIteration):
        return parse_bridge(read_asset("cni/10-openfaas.conflist"))


def parse_bridge(text: str) -> Bridge:
    """Return the bridge of a CNI conflist; a ValueError or LookupError where there is none."""
    plugin = next(one for one in json.loads(text)["plugins"] if "bridge" in one)
    ipam = plugin["ipam"]
    subnet = ipam["ranges"][0][0]["subnet"] if "ranges" in ipam else ipam["subnet"]
    address = ipaddress.IPv4Network(subnet).network_address + 1
    return Bridge(name=str(plugin["bridge"]), address=str(address))
