"""Network namespaces of replicas."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network namespace with an interface on the bridge.

    Attributes:
        id: ``NAMESPACE-CONTAINER``, what CNI knows it as.
        path: the file that holds the namespace open, for `setns` and the OCI spec.
        address: IPv4 on the bridge; None where the namespace is there but its interface is not.
    """

    namespace: str
    container: str
    path: str
    address: str | None
