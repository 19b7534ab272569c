"""The accounts of all functions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from faasd.base.errors import InvalidInput
from faasd.gateway.account import OK, Account, News
from faasd.gateway.log_line import Group, Times
from faasd.router.tally import FunctionStats
from faasd.router.wanted import FunctionName, parse_function_name

FORGET_AFTER = 300
"""Looks for which a function that is gone is still shown, so that its last calls are scraped."""
_HELD_LINES = 2
"""Looks for which lines of a function that the counters do not know yet are held."""


@dataclass(slots=True)
class _Held:
    status: int
    times: Times
    looks: int = 0


@dataclass(slots=True)
class Book:
    """Every function's account; `advance` is called at each look at the counters."""

    accounts: dict[FunctionName, Account] = field(default_factory=dict)
    stats: Mapping[FunctionName, FunctionStats] = field(default_factory=dict)
    """What the router said at the last look; a function that is gone is not in it."""
    _gone: dict[FunctionName, int] = field(default_factory=dict)
    _held: dict[FunctionName, list[_Held]] = field(default_factory=dict)

    def answered(self, function: str, /) -> int:
        """Return how often ``NAME.NAMESPACE`` has answered; 0 for one that is not known."""
        account = self._find(function)
        return account.total if account is not None else 0

    def advance(
        self,
        stats: Mapping[FunctionName, FunctionStats],
        lines: Mapping[Group, Times],
        samples: Mapping[Group, Times],
    ) -> bool:
        """Take the counters, and the lines that came until just after; tell if anything changed."""
        failed, sampled = self._failures(lines), _samples(samples)
        changed = False
        for function, found in stats.items():
            news = News(
                stats=found,
                lines=self._lines(function, failed.pop(function, [])),
                samples=sampled.get(function),
            )
            changed |= self._enter(function, news)
        self._hold(failed)
        self._let_go(stats)
        self.stats = stats
        return changed

    def _find(self, function: str) -> Account | None:
        try:
            return self.accounts.get(parse_function_name(function))
        except InvalidInput:
            return None

    def _enter(self, function: FunctionName, news: News) -> bool:
        account = self.accounts.get(function, Account())
        if function in self._gone:
            del self._gone[function]
            account = account.begin_anew()
        same = (account.base, account.started_base) == (news.stats.by_class, news.stats.requests)
        if same and account.is_settled and not (news.lines or news.samples):
            self.accounts.setdefault(function, account)
            return False
        self.accounts[function] = account.advance(news)
        return True

    def _failures(self, lines: Mapping[Group, Times]) -> dict[FunctionName, list[_Held]]:
        found: dict[FunctionName, list[_Held]] = {}
        for (name, status), times in lines.items():
            function = _parse_name(name)
            if function is not None and int(status) != OK:  # 200 is there when it was retried
                found.setdefault(function, []).append(_Held(int(status), times))
        return found

    def _lines(self, function: FunctionName, fresh: list[_Held]) -> Mapping[int, Times]:
        found: dict[int, Times] = {}
        for held in self._held.pop(function, []) + fresh:
            found[held.status] = _joined(found.get(held.status), held.times)
        return found

    def _hold(self, unknown: Mapping[FunctionName, list[_Held]]) -> None:
        """Keep lines of functions that are not counted yet, but not for long."""
        kept: dict[FunctionName, list[_Held]] = {}
        for source in (self._held, unknown):
            for function, group in source.items():
                fresh = [_Held(h.status, h.times, h.looks + 1) for h in group]
                fresh = [held for held in fresh if held.looks <= _HELD_LINES]
                if fresh:
                    kept.setdefault(function, []).extend(fresh)
        self._held = kept

    def _let_go(self, stats: Mapping[FunctionName, FunctionStats]) -> None:
        for function in self.accounts.keys() - stats.keys():
            self._gone[function] = self._gone.get(function, 0) + 1
            if self._gone[function] > FORGET_AFTER:
                del self.accounts[function], self._gone[function]


def _samples(samples: Mapping[Group, Times]) -> Mapping[FunctionName, Times]:
    """Only those of 200: each of the others has its own line."""
    found: dict[FunctionName, Times] = {}
    for (name, status), times in samples.items():
        function = _parse_name(name)
        if function is not None and int(status) == OK:
            found[function] = _joined(found.get(function), times)
    return found


def _joined(left: Times | None, right: Times) -> Times:
    """One function has two names in paths when it is in the default namespace."""
    if left is None:
        return right
    return Times(
        buckets=[a + b for a, b in zip(left.buckets, right.buckets, strict=True)],
        milliseconds=left.milliseconds + right.milliseconds,
    )


def _parse_name(name: bytes) -> FunctionName | None:
    try:
        return parse_function_name(name.decode("ascii"))
    except (InvalidInput, UnicodeDecodeError):
        return None
