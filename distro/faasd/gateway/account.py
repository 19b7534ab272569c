"""How often one function answered what, and how long it took. Pure.

HAProxy counts by class and loses nothing; its lines tell the very status but may be lost, or come
a moment before or after the counters are read. So the counters say how many answers there were,
and the lines what they were; what stays without a line for a whole second counts as the class's
first status (500 for 5xx), and what only the lines know of (counters end with a worker) as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from faasd.gateway.log_line import BOUNDS, Times
from faasd.router.tally import Classes, FunctionStats

NOTHING: Classes = (0, 0, 0, 0, 0)
OK = 200
_SUCCESS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Answers by how long they took; each bucket by itself, not cumulated."""

    buckets: tuple[float, ...] = (0.0,) * (len(BOUNDS) + 1)
    seconds: float = 0.0

    @property
    def count(self) -> float:
        """How many answers it tells of."""
        return sum(self.buckets)

    def add(self, times: Times, *, weight: float = 1.0) -> "Histogram":
        """Return it with more answers, each of which stands for `weight`."""
        return Histogram(
            buckets=tuple(
                old + new * weight for old, new in zip(self.buckets, times.buckets, strict=True)
            ),
            seconds=self.seconds + times.milliseconds / 1000 * weight,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a second brought for one function; lines by status, samples of 200 only."""

    stats: FunctionStats
    lines: Mapping[int, Times] = field(default_factory=dict)
    samples: Times | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One function's counts. `base` and `started_base` are what the router counted up to then."""

    base: Classes = NOTHING
    answered: Classes = NOTHING
    codes: Mapping[int, int] = field(default_factory=dict)
    started_base: int = 0
    started: int = 0
    histograms: Mapping[int, Histogram] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How often the function has answered."""
        return sum(self.codes.values())

    @property
    def is_settled(self) -> bool:
        """Whether each answer has its status."""
        return all(
            count == _known(self.codes, index + 1) for index, count in enumerate(self.answered)
        )

    def advance(self, news: News) -> "Account":
        """Return the account with what a second brought."""
        counted = _add(self.answered, _since(self.base, news.stats.by_class))
        codes = dict(self.codes)
        for status, times in news.lines.items():
            codes[status] = codes.get(status, 0) + times.count
        answered = [
            _settle(index + 1, before, now, codes, self.codes)
            for index, (before, now) in enumerate(zip(self.answered, counted, strict=True))
        ]
        return replace(
            self,
            base=news.stats.by_class,
            answered=_classes(answered),
            codes=codes,
            started_base=news.stats.requests,
            started=self.started + _grown(self.started_base, news.stats.requests),
            histograms=_observe(self.histograms, news, codes.get(OK, 0)),
        )

    def begin_anew(self) -> "Account":
        """Return it for a router that counts this function from zero."""
        return replace(self, base=NOTHING, started_base=0)


def _settle(
    number: int, before: int, now: int, codes: dict[int, int], codes_before: Mapping[int, int]
) -> int:
    """Give answers of a class whose lines are lost a status, put it into `codes`; return `now`.

    Lines are read after the counters, so they are some ahead while calls fail all the time. An
    answer's line is lost when it did not come until a look after it was counted, and an answer
    that has a line was lost by the counters when they do not have it a look after that.
    """
    known = _known(codes, number)
    lost = (now if number == _SUCCESS else before) - known
    if lost > 0:
        codes[number * 100] = codes.get(number * 100, 0) + lost
    return max(now, _known(codes_before, number))


def _known(codes: Mapping[int, int], number: int) -> int:
    return sum(count for code, count in codes.items() if code // 100 == number)


def _observe(
    histograms: Mapping[int, Histogram], news: News, successes: int
) -> Mapping[int, Histogram]:
    if not news.lines and news.samples is None:
        return histograms
    found = dict(histograms)
    for status, times in news.lines.items():
        found[status] = found.get(status, Histogram()).add(times)
    if news.samples is not None:
        before = found.get(OK, Histogram())
        untold = successes - before.count
        if untold > 0:  # they stand for all the answers since the samples before them
            found[OK] = before.add(news.samples, weight=untold / news.samples.count)
    return found


def _since(base: Classes, now: Classes) -> Classes:
    return _classes([_grown(then, count) for then, count in zip(base, now, strict=True)])


def _grown(base: int, now: int) -> int:
    """What was counted since; nothing by a router that fell behind, as after a power cut."""
    return max(0, now - base)


def _add(left: Classes, right: Classes) -> Classes:
    return _classes([a + b for a, b in zip(left, right, strict=True)])


def _classes(values: list[int]) -> Classes:
    one, two, three, four, five = values
    return one, two, three, four, five
