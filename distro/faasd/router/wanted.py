"""What is routed: a function's name, and the addresses that serve it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from faasd.base.errors import InvalidInput
from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE, MAX_LABEL, check_dns_label

_NAME = re.compile(r"[-a-zA-Z_0-9]+")
MAX_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class FunctionName:
    """A function, as ``NAME.NAMESPACE`` in paths, metrics and HAProxy's map."""

    name: str
    namespace: str = DEFAULT_FUNCTION_NAMESPACE

    def __post_init__(self) -> None:
        if len(self.name) > MAX_LABEL or not _NAME.fullmatch(self.name):
            raise InvalidInput(
                f"the function's name {self.name[:80]!r} must be 1 to {MAX_LABEL} letters, "
                "digits, '-' and '_'",
                field="name",
            )
        check_dns_label(self.namespace, field="namespace")

    def __str__(self) -> str:
        return f"{self.name}.{self.namespace}"

    @property
    def keys(self) -> tuple[str, ...]:
        """How paths may call it: with its namespace, and without if that is the default one."""
        if self.namespace == DEFAULT_FUNCTION_NAMESPACE:
            return (str(self), self.name)
        return (str(self),)


def parse_function_name(text: str) -> FunctionName:
    """Return the function that ``NAME`` or ``NAME.NAMESPACE`` means.

    Raises:
        InvalidInput: it is neither.
    """
    name, dot, namespace = text.partition(".")
    return FunctionName(name=name, namespace=namespace if dot else DEFAULT_FUNCTION_NAMESPACE)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Endpoint:
    """Where one replica listens: an IPv4 address and a TCP port."""

    address: str
    port: int

    def __post_init__(self) -> None:
        try:
            IPv4Address(self.address)
        except AddressValueError:
            raise InvalidInput(
                f"the address {self.address[:80]!r} must be an IPv4 address", field="address"
            ) from None
        if not 0 < self.port <= MAX_PORT:
            raise InvalidInput(f"the port {self.port} must be 1 to {MAX_PORT}", field="port")

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"


Routes = Mapping[FunctionName, Sequence[Endpoint]]
"""Every function there is, and its live replicas; none at all when it sleeps."""


def map_entries(functions: Mapping[FunctionName, str]) -> Iterator[tuple[str, str]]:
    """Yield what HAProxy's map must hold: (a name in a path, the backend that serves it)."""
    for function, backend in functions.items():
        for key in function.keys:
            yield key, backend
