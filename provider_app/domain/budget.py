"""How much memory functions may ask for together."""

from collections.abc import Sequence
from dataclasses import dataclass

from faasd.base.errors import NoRoom
from faasd.base.quantities import parse_memory
from provider_app.domain.deployment import Deployment
from provider_app.domain.function import FunctionKey

MIB = 1024 * 1024
RESERVE = 384 * MIB
"""For the system, containerd and the core services, where no setting says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The node's memory, in bytes.

    Attributes:
        total: of the machine, without swap.
        reserve: not for functions.
        default_request: what a replica counts whose deployment says nothing.
    """

    total: int
    reserve: int
    default_request: int

    @property
    def room(self) -> int:
        """What all replicas together may ask for."""
        return max(self.total - self.reserve, 0)

    def request_of(self, deployment: Deployment) -> int:
        """Return what one replica counts: its request, else its limit, else the default."""
        return self.request_in(deployment.requests.memory, deployment.limits.memory)

    def request_in(self, request: str, limit: str) -> int:
        """Return what one replica counts that says this of its memory."""
        text = request or limit
        named = parse_memory(text, field="requests.memory") if text else 0
        return named or self.default_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What one function asks for: so many replicas, each of so many bytes."""

    name: str
    replicas: int
    request: int

    @property
    def memory(self) -> int:
        """Bytes of all its replicas."""
        return self.replicas * self.request


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleeper:
    """A function that sleeps and keeps the memory of one replica.

    Attributes:
        request, limit: of its memory, quantities as they were written.
    """

    key: FunctionKey
    request: str
    limit: str


def choose_sleepers(sleepers: Sequence[Sleeper], lacking: int, budget: Budget) -> Sequence[Sleeper]:
    """Return the first of some sleepers that together keep so many bytes; none where all do not."""
    chosen: list[Sleeper] = []
    for sleeper in sleepers:
        if lacking <= 0:
            break
        chosen.append(sleeper)
        lacking -= budget.request_in(sleeper.request, sleeper.limit)
    return chosen if lacking <= 0 else []


def reserve_of(total: int) -> int:
    """Return what is kept back on a machine of so much memory: never more than half of it."""
    return min(RESERVE, total // 2)


def check_room(ask: Ask, *, before: int, others: int, budget: Budget, field: str) -> None:
    """Check that a change fits; one that asks for no more than `before` always does.

    Args:
        ask: what the function shall have.
        before: bytes that the function asked for until now.
        others: bytes that all other functions ask for.
        budget: of the node.
        field: of the request, for the error.

    Raises:
        NoRoom: it does not; the sentence gives the sums.
    """
    if ask.memory <= before or ask.memory + others <= budget.room:
        return
    raise NoRoom(
        f"no memory left: {ask.name} asks for {ask.replicas} x {_mib(ask.request)}, other "
        f"functions for {_mib(others)}, and the node has {_mib(budget.room)} for functions "
        f"({_mib(budget.total)} less {_mib(budget.reserve)} for the system); ask for less, or "
        "scale others down",
        field=field,
    )


def _mib(size: int) -> str:
    return f"{size / MIB:,.0f} MiB"
