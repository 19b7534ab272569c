"""Port `Networks`: namespaces on the bridge, and what a killed process left of them."""

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from faasd.base.errors import Unavailable
from faasd.node.adapters.cni.conflist import Conflist, read_conflist
from faasd.node.adapters.cni.runner import INTERFACE, Attachment, Result, Runner
from faasd.node.domain.network import Network
from faasd.node.domain.settings import NodeSettings

SEPARATOR = "_"
"""Between namespace and container in a network's name; neither of them can contain it."""


class CniNetworks:
    """Networks of containers.

    ``RUN/netns/NAMESPACE_CONTAINER`` holds a namespace open, ``RUN/cni/NAMESPACE_CONTAINER`` is
    what the plugins answered; a network is whole when both are there.

    pyroute2 takes memory, so that it is loaded by what makes and removes networks only.
    """

    def __init__(self, settings: NodeSettings) -> None:
        self._conflist_path = settings.cni_conflist
        self._plugins = settings.cni_plugins
        self._opens_metadata = settings.opens_metadata
        self._mounts = settings.mount_namespace
        self._namespaces = Path(settings.run_dir, "netns")
        self._results = Path(settings.run_dir, "cni")
        self._read: Conflist | None = None

    def prepare(self) -> str:
        """Make bridge, forwarding and firewall, and see that namespaces can be made at all."""
        from faasd.node.adapters.cni.bridge import prepare_bridge
        from faasd.node.adapters.cni.namespaces import make_namespace, remove_namespace

        conflist = self._conflist
        trial = self._namespaces / "trial"
        with self._prepared_by_one():
            remove_namespace(trial, self._mounts)
            make_namespace(trial, self._mounts)
            remove_namespace(trial, self._mounts)
            return prepare_bridge(conflist, opens_metadata=self._opens_metadata)

    def attach(self, namespace: str, container: str) -> Network:
        """Make a namespace and let the plugins connect it."""
        from faasd.node.adapters.cni.namespaces import make_namespace, remove_namespace

        name = _join(namespace, container)
        path = self._namespaces / name
        if path.exists() or (self._results / name).exists():
            self.detach(namespace, container)
        with ExitStack() as undo:
            undo.callback(remove_namespace, path, self._mounts)
            make_namespace(path, self._mounts)
            result = self._runner.add(Attachment(id=name, path=str(path)))
            undo.callback(self._runner.delete, Attachment(id=name, path=str(path)), result)
            self._write_result(name, result)
            undo.pop_all()
        return self._network(namespace, container, _address(result))

    def detach(self, namespace: str, container: str) -> None:
        """Let the plugins free the address, and remove the namespace."""
        name = _join(namespace, container)
        path, result = self._namespaces / name, self._results / name
        if not (path.exists() or result.exists() or name in self._leases()):
            return
        from faasd.node.adapters.cni.namespaces import remove_namespace

        held = str(path) if is_namespace(path) else ""
        self._runner.delete(Attachment(id=name, path=held), self._read_result(name))
        for lease in self._leases_of(name):
            lease.unlink(missing_ok=True)
        remove_namespace(path, self._mounts)
        result.unlink(missing_ok=True)

    def find(self, namespace: str, container: str) -> Network | None:
        """Return a network: one look at the namespace, one at the result."""
        name = _join(namespace, container)
        path = self._namespaces / name
        if not is_namespace(path):
            return None
        address = _address(self._read_result(name)) or self._look_inside(path)
        return self._network(namespace, container, address)

    def list(self) -> Sequence[Network]:
        """Return every network, half-made ones without an address."""
        names = {path.name for path in self._namespaces.glob("*")} | set(self._leases())
        names |= {path.name for path in self._results.glob("*")}
        parts = [name.partition(SEPARATOR) for name in sorted(names) if SEPARATOR in name]
        return [
            self.find(namespace, container) or self._network(namespace, container, None)
            for namespace, _, container in parts
        ]

    @contextmanager
    def _prepared_by_one(self) -> Iterator[None]:
        """At boot several programs prepare the network at the same moment."""
        path = self._results.with_name("network.lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _look_inside(self, path: Path) -> str | None:
        """Ask the kernel, where what the plugins answered was lost."""
        from faasd.node.adapters.cni.namespaces import find_address

        return find_address(path, INTERFACE)

    @property
    def _conflist(self) -> Conflist:
        if self._read is None:
            self._read = read_conflist(self._conflist_path)
        return self._read

    @property
    def _runner(self) -> Runner:
        return Runner(self._conflist, self._plugins)

    def _network(self, namespace: str, container: str, address: str | None) -> Network:
        path = self._namespaces / _join(namespace, container)
        return Network(namespace=namespace, container=container, path=str(path), address=address)

    def _write_result(self, name: str, result: Result) -> None:
        self._results.mkdir(parents=True, exist_ok=True)
        partial = self._results / f".{name}"
        partial.write_text(json.dumps(result))
        partial.rename(self._results / name)

    def _read_result(self, name: str) -> Result:
        try:
            result = json.loads((self._results / name).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return result if isinstance(result, dict) else {}

    def _leases(self) -> Sequence[str]:
        return [owner for _, owner in self._lease_files()]

    def _leases_of(self, name: str) -> Sequence[Path]:
        return [path for path, owner in self._lease_files() if owner == name]

    def _lease_files(self) -> Iterator[tuple[Path, str]]:
        """Yield host-local's leases: a file for each address, its first line the owner's id."""
        for path in Path(self._conflist.leases).glob("*.*.*.*"):
            try:
                yield path, path.read_text().splitlines()[0].strip()
            except (FileNotFoundError, IndexError):
                continue


def is_namespace(path: Path) -> bool:
    """Tell whether the file holds a namespace open: it is then on the kernel's nsfs."""
    try:
        return path.stat().st_dev != path.parent.stat().st_dev
    except FileNotFoundError:
        return False


def _join(namespace: str, container: str) -> str:
    if SEPARATOR in namespace:
        raise Unavailable(f"namespace {namespace!r} must not contain {SEPARATOR!r}")
    return f"{namespace}{SEPARATOR}{container}"


def _address(result: Result) -> str | None:
    """Return the first IPv4 address of a result (CNI spec, "Success")."""
    addresses = result.get("ips")
    if not isinstance(addresses, list):
        return None
    for entry in addresses:
        text = str(entry.get("address", "")) if isinstance(entry, dict) else ""
        if "." in text:
            return text.partition("/")[0]
    return None
