"""The bridge, forwarding, and the one set of firewall rules for the whole subnet."""

import subprocess
from ipaddress import IPv4Address
from pathlib import Path

from faasd.base.errors import Unavailable
from faasd.node.adapters.cni.conflist import Conflist
from faasd.node.adapters.cni.parts_of_pyroute2 import open_netlink
from faasd.node.adapters.cni.rules import render_rules

_FORWARD = Path("/proc/sys/net/ipv4/ip_forward")
_TIMEOUT = 15.0
_MARK = "faasd: functions reach the network"


def prepare_bridge(conflist: Conflist, *, opens_metadata: bool) -> str:
    """Make the bridge with the node's address, forwarding and the rules; return the address.

    Raises:
        Unavailable: the kernel or nft refused.
    """
    address = str(conflist.gateway)
    _make_bridge(conflist.bridge, address, conflist.subnet.prefixlen)
    if _FORWARD.read_text().strip() != "1":
        _FORWARD.write_text("1")
    _nft(render_rules(conflist, opens_metadata=opens_metadata))
    _pass_strict_firewall(conflist.bridge)
    return address


def _make_bridge(name: str, address: str, prefix: int) -> None:
    with open_netlink() as kernel:
        if not kernel.link_lookup(ifname=name):
            kernel.link("add", ifname=name, kind="bridge", address=_hardware_address(address))
        index = kernel.link_lookup(ifname=name)[0]
        # Set, not only seen: the kernel otherwise gives a bridge the lowest address of its ports,
        # another one whenever containers come and go, and those that are there lose the node
        # until they ask for it anew, many seconds later.
        kernel.link("set", index=index, address=_hardware_address(address), state="up")
        kernel.addr("replace", index=index, address=address, prefixlen=prefix)


def _hardware_address(address: str) -> str:
    """Return a locally administered address made of an IPv4 one (IEEE 802, 8.2)."""
    return "0a:58:" + ":".join(f"{byte:02x}" for byte in IPv4Address(address).packed)


def _pass_strict_firewall(bridge: str) -> None:
    """Let the bridge pass where Docker or ufw drops what is forwarded: theirs has the last word."""
    chain = _run(["nft", "--stateless", "list", "chain", "ip", "filter", "FORWARD"], "")
    if chain.returncode != 0 or "policy drop" not in chain.stdout or _MARK in chain.stdout:
        return
    for direction in ("iifname", "oifname"):
        _nft(f'insert rule ip filter FORWARD {direction} "{bridge}" accept comment "{_MARK}"\n')


def _nft(rules: str) -> None:
    done = _run(["nft", "-f", "-"], rules)
    if done.returncode != 0:
        raise Unavailable(f"nft refused the node's rules: {done.stderr.strip()}")


def _run(command: list[str], text: str) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"cannot run {command[0]}: {error}") from error
