"""Network namespaces held open by files."""

import ctypes
import fcntl
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from faasd.base.errors import FaasdError, Unavailable
from faasd.node.adapters.cni.parts_of_pyroute2 import netns, open_netlink

_CLONE_FS, _CLONE_NEWNS, _CLONE_NEWNET = 0x200, 0x20000, 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)
"""Given to pyroute2, too, which otherwise runs a program to find it."""
_MAKING = threading.Lock()
"""pyroute2 makes the directory a mount point the first time; that must not happen twice at once."""

_SET_FLAGS, _UP = 0x8914, 1
"""SIOCSIFFLAGS and IFF_UP of netdevice(7)."""
_IFREQ = "16sH22x"
"""`struct ifreq` with flags: it is 40 bytes, the name the first 16."""


def make_namespace(path: Path, mounts: str = "") -> None:
    """Make a namespace, its loopback up, held open by the file `path`.

    It is held by a mount, which containerd must see: `mounts` is the file of the mount namespace
    that containerd is in, for a process that systemd gave one of its own; empty where it is the
    same. What is mounted there is seen here, too.

    A thread of its own does it, which leaves the process's namespace for the new one and ends:
    forking, as pyroute2's `netns.create` does, is no choice beside gRPC's threads.

    Raises:
        Unavailable: the kernel refused.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _MAKING:
        _in_thread(lambda: _make(path, mounts))


def remove_namespace(path: Path, mounts: str = "") -> None:
    """Let go of a namespace, however much of it is there; `mounts` as it was made with."""
    if not path.exists():
        return
    if mounts:
        _in_thread(lambda: _remove(path, mounts))
    else:
        netns.remove(str(path), libc=_LIBC)


def find_address(path: Path, interface: str) -> str | None:
    """Return the IPv4 address of an interface in a namespace, or None."""
    found: list[str] = []
    _in_thread(lambda: found.extend(_addresses(path, interface)))
    return found[0] if found else None


def _make(path: Path, mounts: str) -> None:
    if mounts:
        _enter_mounts(mounts)
    # Python has os.unshare from 3.12 on; Debian 12 has 3.11.
    if _LIBC.unshare(_CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot make a network namespace")
    # pyroute2 takes what stands between /proc/ and /ns/net: this thread, not the process.
    netns.attach(str(path), f"self/task/{threading.get_native_id()}", libc=_LIBC)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as kernel:
        fcntl.ioctl(kernel, _SET_FLAGS, struct.pack(_IFREQ, b"lo", _UP))


def _remove(path: Path, mounts: str) -> None:
    _enter_mounts(mounts)
    netns.remove(str(path), libc=_LIBC)


def _enter_mounts(file: str) -> None:
    """Take this thread, which shares its working directory with the others until then."""
    with Path(file).open("rb") as mounts:
        if _LIBC.unshare(_CLONE_FS) or _LIBC.setns(mounts.fileno(), _CLONE_NEWNS):
            raise OSError(ctypes.get_errno(), f"cannot enter the mounts of {file}")


def _addresses(path: Path, interface: str) -> Sequence[str]:
    netns.setns(str(path), flags=0, libc=_LIBC)
    with open_netlink() as kernel:
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
        except (OSError, FaasdError) as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="network-namespace")
    thread.start()
    thread.join()
    if failed:
        raise Unavailable(f"network namespace: {failed[0]}") from failed[0]
