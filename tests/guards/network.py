"""Keeps Python code under test from talking to anything outside this machine."""

import ipaddress
import os
import socket
import sys

BRIDGE = ipaddress.ip_network("10.62.0.0/16")


class OutsideNetwork(AssertionError):
    """A test reached for the network outside."""


def forbid_outside_network() -> None:
    """Refuse, for the rest of this process, connections to and look-ups of other machines.

    The bridge's addresses are fine in a sandbox only, where they are the test's own.
    """
    sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        sock, address = arguments[0], arguments[1]
        if getattr(sock, "family", None) in (socket.AF_INET, socket.AF_INET6):
            _check(address[0] if isinstance(address, tuple) else address)
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        _check(arguments[0])


def _check(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost", socket.gethostname()):
        return
    try:
        address = ipaddress.ip_address(str(name))
    except ValueError:
        raise OutsideNetwork(f"a test looked {name} up; only localhost may be") from None
    in_sandbox = "FAASD_SANDBOX" in os.environ and address.version == 4 and address in BRIDGE
    if not (address.is_loopback or address.is_unspecified or in_sandbox):
        raise OutsideNetwork(f"a test reached for {address}; only loopback may be")
