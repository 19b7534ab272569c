"""An update under load: what callers see of it."""

import time
from collections.abc import Sequence

from bench.clock import PATIENCE, wait_for
from bench.constant_load import Call, Calls, constant_load, failed
from bench.figures import Figure, worst
from bench.stand import STATIC, Stand

RATE = 200
SECONDS = 30.0
UPDATES = 3
NAME = "updated"


def measure_update(stand: Stand, seconds: float = SECONDS) -> list[Figure]:
    """Call for a while, and for as long again while the function is updated three times."""
    stand.deploy(NAME, STATIC)
    stand.front.wait_answers(NAME, PATIENCE)
    with constant_load(stand.port, f"/function/{NAME}", RATE) as calls:
        begin = time.monotonic() + 1  # The first ones open the connections.
        _let_pass(begin + seconds)
        spans = [_update(stand, number, seconds / UPDATES) for number in range(UPDATES)]
        end = begin + 2 * seconds
        _let_pass(end)
    stand.delete(NAME)
    before, during = calls.between(begin, begin + seconds), calls.between(begin + seconds, end)
    return [*_judge(before, during), *_look_closer(calls, spans)]


def _judge(before: Sequence[Call], during: Sequence[Call]) -> list[Figure]:
    times = worst(_taken(during)) / worst(_taken(before))
    return [
        Figure(f"requests at {RATE}/s while updated {UPDATES} times", [len(during)], unit=""),
        Figure("… failed", [len(failed(during))], [len(failed(before))], unit="", goal=0.5),
        Figure("… answered in, while updated (before)", _taken(during), _taken(before)),
        Figure("… 99th percentile, times that of before", [times], unit="x", goal=2),
    ]


def _look_closer(calls: Calls, spans: Sequence[tuple[float, float]]) -> list[Figure]:
    meanwhile = [call for span in spans for call in calls.between(*span)]
    return [
        Figure("… an update, until the new one alone serves", [(b - a) * 1000 for a, b in spans]),
        Figure("… answered in, of those calls alone", _taken(meanwhile)),
    ]


def _update(stand: Stand, number: int, seconds: float) -> tuple[float, float]:
    """Update once; return from when to when it went on, but not before `seconds` are over."""
    began = time.monotonic()
    environment = {"ROUND": str(number)}
    before = stand.containers(NAME)
    answer = stand.client.update(NAME, STATIC, envVars=environment)
    if answer.status not in (200, 202):
        raise RuntimeError(f"update: {answer.status} {answer.text}")
    wait_for(lambda: _is_replaced(stand, before), "the new generation serves alone")
    ended = time.monotonic()
    _let_pass(began + seconds)
    return began, ended


def _is_replaced(stand: Stand, before: Sequence[str]) -> bool:
    time.sleep(0.02)  # Looking must not be a load of its own.
    now = stand.containers(NAME)
    return len(now) == 1 and not set(now) & set(before) and stand.state(NAME) == "ready"


def _let_pass(until: float) -> None:
    time.sleep(max(until - time.monotonic(), 0))


def _taken(calls: Sequence[Call]) -> list[float]:
    return [call.taken for call in calls]
