"""Where the router is, and the directory that provider, HAProxy and gateway share."""

import math
import os
from dataclasses import replace
from pathlib import Path

from faasd.router.routes import Router
from faasd.router.settings import METRICS_PORT, RouterSettings
from provider_app.config import ProviderConfig
from provider_app.domain.function import FunctionKey
from provider_app.services.replicas import Served

OWNER, GROUP = 10003, 10004
"""HAProxy's user, and the gateway's group: sockets made in the directory get that group."""

MODE = 0o2770


class RouterDirectory:
    """Made by whoever of the node's programs comes first after a boot."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    def prepare(self) -> None:
        """Make it where it is missing.

        Raises:
            OSError: it cannot be made.
        """
        if self.path.is_dir():
            return
        self.path.mkdir(parents=True)
        if os.geteuid() == 0:
            os.chown(self.path, OWNER, GROUP)
        self.path.chmod(MODE)


def router_settings(config: ProviderConfig) -> RouterSettings:
    """Return HAProxy's settings: gateway, activator and metrics are on the bridge's address.

    Raises:
        InvalidInput: the directory's path is too long, or the address is none.
    """
    default = RouterSettings(directory=Path(config.router_directory))
    return replace(
        default,
        gateway=replace(default.gateway, address=config.bridge_address),
        activator=replace(default.activator, address=config.bridge_address),
        metrics_binds=tuple(
            f"{address}:{METRICS_PORT}" for address in sorted({"127.0.0.1", config.bridge_address})
        ),
        limits=replace(
            default.limits,
            read_seconds=math.ceil(max(config.read_timeout, config.write_timeout)),
            service_seconds=math.ceil(config.service_timeout),
        ),
    )


def find_served(router: Router) -> Served:
    """Return the addresses of each function that the router sends requests to."""
    return {
        FunctionKey(namespace=name.namespace, name=name.name): {at.address for at in endpoints}
        for name, endpoints in router.find_routed().items()
    }
