"""Brings published ports about: nft, and the kernel settings that loopback needs."""

import errno
import logging
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from faasd.base.errors import InUse, Unavailable, Unsatisfiable
from faasd.supervisor.binds import list_binds
from faasd.supervisor.compose.values import CoreService, Port
from faasd.supervisor.publish import Bridge, Published, render_rules

log = logging.getLogger(__name__)

_TIMEOUT = 10


class Publisher:
    """The published ports of one node."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._applied = ""

    def publish(self, published: Sequence[Published]) -> None:
        """Make these, and no others, the node's published ports, all at once.

        Raises:
            Unavailable: nft is missing or fails; the ports stay as they were.
        """
        rules = render_rules(published, self._bridge)
        if rules == self._applied:
            return
        if published:
            self._route_loopback()
        _run_nft(rules)
        self._applied = rules
        log.info("published %s", ", ".join(str(each.port) for each in published) or "no port")

    def _route_loopback(self) -> None:
        setting = Path("/proc/sys/net/ipv4/conf") / self._bridge.name / "route_localnet"
        try:
            setting.write_text("1\n")
        except OSError as error:
            raise Unavailable(f"cannot publish ports on loopback: {setting}: {error}") from error


def check_free(services: Sequence[CoreService]) -> None:
    """Check that no other program of the node listens where a service publishes, or will listen.

    Raises:
        InUse: one does.
        Unsatisfiable: the node does not have the address.
    """
    for service in services:
        for port in service.ports:
            _check_free(f"service {service.name}: ports", port)
        for name, port in list_binds(service):
            _check_free(f"service {service.name}: environment: {name}", port)


def _check_free(where: str, port: Port) -> None:
    kind = socket.SOCK_STREAM if port.protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as sock:
        if kind is socket.SOCK_STREAM:  # One in TIME_WAIT is no obstacle.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((port.address, port.published))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise Unsatisfiable(
                    f"{where}: this node has no address {port.address}", field="ports"
                ) from error
            raise InUse(
                f"{where}: {port} is taken on this node by another program "
                f"({error.strerror}): stop it, or choose another port",
                field="ports",
            ) from error


def _run_nft(rules: str) -> None:
    try:
        subprocess.run(
            ["nft", "-f", "-"],
            input=rules,
            text=True,
            capture_output=True,
            check=True,
            timeout=_TIMEOUT,
        )
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"nft cannot publish ports: {error.stderr.strip()}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"nft cannot publish ports: {error}") from error
