"""What the provider streams at `/system/routes`, one JSON object a line, as values. Pure."""

import json
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from faasd.base.errors import BadAnswer
from faasd.gateway.autoscaler.policy import Policy, read_policy

LINE_BYTES = 1 << 20
"""A function has at most 100 replicas: its line is far below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteEntry:
    """A function as the provider last told of it.

    Attributes:
        replicas: how many shall run; 0 is asleep.
        available: IPv4 addresses of the replicas that take calls now.
        state: pending, pulling, starting, ready, degraded, failed or asleep.
        reason: why it is not ready, in a sentence; empty where it is.
        policy: how it is scaled; None where nothing is said of that.
    """

    function: str
    namespace: str
    replicas: int
    available: tuple[str, ...]
    state: str
    reason: str
    generation: int = 0
    policy: Policy | None = None

    @property
    def key(self) -> str:
        """``NAME.NAMESPACE``."""
        return f"{self.function}.{self.namespace}"

    @property
    def live(self) -> bool:
        """Whether it takes calls: the replicas of one put to sleep are about to end."""
        return self.replicas > 0 and bool(self.available)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A function that is no more."""

    key: str


@dataclass(frozen=True, slots=True)
class Synced:
    """All there is has been told; from here on come changes.

    Attributes:
        pressed: idle functions are to sleep before their time: the machine is short of memory.
    """

    pressed: bool = False


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Nothing changed, and the provider is there."""


News = RouteEntry | Gone | Synced | Heartbeat


def parse_line(line: bytes) -> News:
    """Read one line.

    Raises:
        BadAnswer: it is none of those that the provider writes; the sentence shows it.
    """
    try:
        return _read(json.loads(line))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        shown = line[:80].decode(errors="replace")
        raise BadAnswer(f"the provider tells of its routes in a way unknown: {shown!r}") from error


def _read(told: object) -> News:
    if not isinstance(told, dict):
        raise TypeError
    if not told:
        return Heartbeat()
    if told.get("synced") is True:
        return Synced(pressed=told.get("pressed") is True)
    function, namespace = _text(told["function"]), _text(told["namespace"])
    if told.get("gone") is True:
        return Gone(key=f"{function}.{namespace}")
    return RouteEntry(
        function=function,
        namespace=namespace,
        replicas=_number(told["replicas"]),
        available=_addresses(told["available"]),
        state=_text(told["state"]),
        reason=_text(told.get("reason", "")),
        generation=_number(told.get("generation", 0)),
        policy=read_policy(told.get("scaling")),
    )


def read_awakened(body: bytes) -> tuple[str, ...]:
    """Read what `/system/awaken` answers: where a function that was frozen takes calls already.

    Raises:
        BadAnswer: it is not what the provider writes.
    """
    if not body:
        return ()
    try:
        return _addresses(json.loads(body)["available"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadAnswer(f"the provider answers a wake in a way unknown: {body[:80]!r}") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value


def _addresses(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    try:
        return tuple(str(IPv4Address(_text(address))) for address in value)
    except AddressValueError as error:
        raise ValueError(value) from error
