"""Network namespaces held open by files."""

import ctypes
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from pyroute2 import IPRoute, netns
from pyroute2.netlink.exceptions import NetlinkError

from faasd.base.errors import FaasdError, Unavailable

_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)
_MAKING = threading.Lock()
"""pyroute2 makes the directory a mount point the first time; that must not happen twice at once."""

_LOOPBACK = 1
"""The loopback's interface number in every namespace."""


def make_namespace(path: Path) -> None:
    """Make a namespace, its loopback up, held open by the file `path`.

    A thread of its own does it, which leaves the process's namespace for the new one and ends:
    forking, as pyroute2's `netns.create` does, is no choice beside gRPC's threads.

    Raises:
        Unavailable: the kernel refused.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _MAKING:
        _in_thread(lambda: _make(path))


def remove_namespace(path: Path) -> None:
    """Let go of a namespace, however much of it is there."""
    if not path.exists():
        return
    netns.remove(str(path))


def find_address(path: Path, interface: str) -> str | None:
    """Return the IPv4 address of an interface in a namespace, or None."""
    found: list[str] = []
    _in_thread(lambda: found.extend(_addresses(path, interface)))
    return found[0] if found else None


def _make(path: Path) -> None:
    # Python has os.unshare from 3.12 on; Debian 12 has 3.11.
    if _LIBC.unshare(_CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot make a network namespace")
    # pyroute2 takes what stands between /proc/ and /ns/net: this thread, not the process.
    netns.attach(str(path), f"self/task/{threading.get_native_id()}")
    with IPRoute() as kernel:
        kernel.link("set", index=_LOOPBACK, state="up")


def _addresses(path: Path, interface: str) -> Sequence[str]:
    netns.setns(str(path), flags=0)
    with IPRoute() as kernel:
        indexes = kernel.link_lookup(ifname=interface)
        if not indexes:
            return []
        addresses = kernel.get_addr(index=indexes[0], family=2)
        return [str(address.get_attr("IFA_ADDRESS")) for address in addresses]


def _in_thread(work: Callable[[], object]) -> None:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except (OSError, NetlinkError, FaasdError) as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="network-namespace")
    thread.start()
    thread.join()
    if failed:
        raise Unavailable(f"network namespace: {failed[0]}") from failed[0]
