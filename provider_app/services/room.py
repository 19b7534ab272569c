"""The node's memory, and what functions ask for of it."""

from dataclasses import dataclass

from provider_app.config import ProviderConfig
from provider_app.domain.budget import Ask, Budget, check_room, read_request, reserve_of
from provider_app.domain.function import Function
from provider_app.domain.scaling import is_paused_asleep
from provider_app.services.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryUse:
    """The budget, and how many bytes of it all replicas ask for."""

    budget: Budget
    requested: int


class Room:
    """Says whether a change of what is wanted fits the node's memory.

    A function that is asleep asks for nothing, but for a paused one, which keeps what one replica
    has; it is awakened even where there is no room, as its callers wait. Replicas of a generation
    that is being replaced are not counted.

    Args:
        total: the machine's memory, in bytes.
    """

    def __init__(self, store: Store, total: int, config: ProviderConfig) -> None:
        reserve = config.memory_reserve
        self._store = store
        self.budget = Budget(
            total=total,
            reserve=reserve_of(total) if reserve is None else reserve,
            default_request=config.memory_request,
        )

    def check(self, after: Function, before: Function | None, field: str) -> None:
        """Check that there is room for a function as it shall be.

        Raises:
            NoRoom: there is none.
        """
        asked = self._ask(before).memory if before else 0
        others = self.use().requested - asked
        check_room(self._ask(after), before=asked, others=others, budget=self.budget, field=field)

    def use(self) -> MemoryUse:
        """Return what is asked for now."""
        requested = sum(
            count * (read_request(request, limit) or self.budget.default_request)
            for request, limit, count in self._store.count_requests()
        )
        return MemoryUse(budget=self.budget, requested=requested)

    def _ask(self, function: Function) -> Ask:
        paused = is_paused_asleep(function.deployment.labels)
        return Ask(
            name=function.deployment.name,
            replicas=function.kept if paused else function.replicas,
            request=self.budget.request_of(function.deployment),
        )
