"""The node's memory, and what functions ask for of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from provider_app.config import ProviderConfig
from provider_app.domain.budget import (
    Ask,
    Budget,
    Sleeper,
    check_room,
    choose_sleepers,
    reserve_of,
)
from provider_app.domain.claim import Claim, ask_of
from provider_app.domain.function import Function, FunctionKey
from provider_app.services.claims import Claims
from provider_app.services.sleeps import Sleeps


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryUse:
    """The budget, and how many bytes of it all replicas ask for."""

    budget: Budget
    requested: int


class Room:
    """Says whether a change of what is wanted fits the node's memory, and makes it fit.

    A function that is asleep asks for nothing, but for a paused one, which keeps what one replica
    has until others need it: then it is stopped. One that sleeps is awakened even where there is no
    room, as its callers wait. While an update is under way the larger of both sides counts.

    Not thread-safe: one change is checked and stored before the next is checked.

    Args:
        total: the machine's memory, in bytes.
    """

    def __init__(self, claims: Claims, sleeps: Sleeps, total: int, config: ProviderConfig) -> None:
        reserve = config.memory_reserve
        self._claims = claims
        self._sleeps = sleeps
        self.budget = Budget(
            total=total,
            reserve=reserve_of(total) if reserve is None else reserve,
            default_request=config.memory_request,
        )

    def take(self, after: Claim, field: str) -> Sequence[FunctionKey]:
        """Check that there is room for a function as it shall be.

        Returns:
            The paused functions that are to be stopped for it, the longest asleep first.

        Raises:
            NoRoom: there is none, even with all of them stopped; the sentence gives the sums.
        """
        ask, before, others = self._weigh(after)
        lacking = ask.memory + others - self.budget.room
        if ask.memory <= before or lacking <= 0:
            return ()
        sleepers = self._list_others_paused(after.wanted.key)
        chosen = choose_sleepers(sleepers, lacking, self.budget)
        if not chosen:
            check_room(ask, before=before, others=others, budget=self.budget, field=field)
        keys = [sleeper.key for sleeper in chosen]
        self._sleeps.deepen(keys)
        return keys

    def has(self, after: Claim) -> bool:
        """Tell whether there is room for a function as it shall be, with nobody stopped for it."""
        ask, before, others = self._weigh(after)
        return ask.memory <= before or ask.memory + others <= self.budget.room

    def fit(self, function: Function, replicas: int, previous: Function | None) -> int:
        """Return as many of so many replicas as there is room for, but never fewer than there are.

        One more where none fits: `take` says why it does not.
        """
        now = function.replicas
        _, _, others = self._weigh(Claim(wanted=function, previous=previous))
        yielding = sum(
            self.budget.request_in(sleeper.request, sleeper.limit)
            for sleeper in self._list_others_paused(function.key)
        )
        free = self.budget.room - others + yielding
        claims = (
            Claim(wanted=replace(function, replicas=number), previous=previous)
            for number in range(replicas, now, -1)
        )
        fitting = (c.wanted.replicas for c in claims if ask_of(c, self.budget).memory <= free)
        return next(fitting, min(replicas, now + 1))

    def check_alone(self, function: Function, field: str) -> None:
        """Check that one replica would fit if there was no other function.

        Raises:
            NoRoom: it would not.
        """
        ask = ask_of(Claim(wanted=replace(function, replicas=1)), self.budget)
        check_room(ask, before=0, others=0, budget=self.budget, field=field)

    def use(self) -> MemoryUse:
        """Return what is asked for now."""
        with self._claims.still():
            settled, updating = self._claims.list_settled(), self._claims.list_updates()
        requested = sum(
            asked.replicas * self.budget.request_in(asked.request, asked.limit) for asked in settled
        )
        requested += sum(ask_of(claim, self.budget).memory for claim in updating)
        return MemoryUse(budget=self.budget, requested=requested)

    def _list_others_paused(self, key: FunctionKey) -> Sequence[Sleeper]:
        return [sleeper for sleeper in self._claims.list_paused() if sleeper.key != key]

    def _weigh(self, after: Claim) -> tuple[Ask, int, int]:
        """Return what a function asks for, and the bytes it and all others asked for before."""
        with self._claims.still():
            claim, use = self._claims.find(after.wanted.key), self.use()
        before = ask_of(claim, self.budget).memory if claim is not None else 0
        return ask_of(after, self.budget), before, use.requested - before
