"""The network's configuration, as CNI writes it."""

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import InvalidInput

Plugin = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflist:
    """A chain of plugins.

    Attributes:
        plugins: each plugin's own configuration, in order.
        bridge: the bridge that the chain attaches to.
        subnet: the addresses it gives.
        leases: directory in which host-local keeps one file for each address given.
    """

    version: str
    name: str
    plugins: tuple[Plugin, ...]
    bridge: str
    subnet: ipaddress.IPv4Network
    leases: str

    @property
    def gateway(self) -> ipaddress.IPv4Address:
        """The node's own address on the bridge: the subnet's first."""
        return self.subnet.network_address + 1


def read_conflist(path: str) -> Conflist:
    """Read a configuration whose first plugin is ``bridge`` with ``host-local`` addresses.

    Raises:
        InvalidInput: it is missing or says something else; the sentence names the file.
    """
    try:
        document = json.loads(Path(path).read_text())
        first = document["plugins"][0]
        ipam = first["ipam"]
        subnet = ipam["ranges"][0][0]["subnet"] if "ranges" in ipam else ipam["subnet"]
        return Conflist(
            version=document["cniVersion"],
            name=document["name"],
            plugins=tuple(document["plugins"]),
            bridge=first["bridge"],
            subnet=ipaddress.IPv4Network(subnet),
            leases=str(Path(ipam.get("dataDir", "/var/lib/cni/networks"), document["name"])),
        )
    except OSError as error:
        raise InvalidInput(f"cannot read the network's configuration {path}: {error}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise InvalidInput(
            f"{path} must be a CNI conflist whose first plugin is 'bridge' with 'host-local' "
            f"addresses of one IPv4 subnet: {error!r}"
        ) from error
