"""How much of the processor a function takes, out of what containers took since their start."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from faasd.gateway.autoscaler.cpu import FRESH, Cpu, advance
from faasd.gateway.provider import ProviderClient
from tests.unit.gateway.autoscaler.making import MemoryFunctions
from tests.unit.gateway.twins import ScriptedProvider

SECOND = 1_000_000_000


def test_what_all_containers_took_is_told_in_thousandths_of_a_core() -> None:
    before = advance(None, 10.0, {"echo": {"a": 5 * SECOND, "b": 0}})
    now = advance(before, 12.0, {"echo": {"a": 6 * SECOND, "b": SECOND}})

    assert before.taken == {}
    assert now.taken == {"echo": pytest.approx(1000.0)}


def test_a_container_that_is_new_or_began_anew_counts_from_then_on() -> None:
    before = advance(None, 10.0, {"echo": {"a": 5 * SECOND, "b": 9 * SECOND}})
    now = advance(before, 11.0, {"echo": {"a": SECOND // 10, "c": 4 * SECOND}, "new": {"d": 1}})

    assert now.taken == {"echo": 0.0}


def test_a_function_of_which_no_container_was_read_twice_is_not_idle_but_unknown() -> None:
    before = advance(None, 10.0, {"echo": {"a": 0}, "hidden": {"b": 0}})
    now = advance(before, 11.0, {"echo": {"c": SECOND}, "hidden": {}})

    assert now.taken == {}
    assert advance(now, 12.0, {"echo": {"c": 2 * SECOND}, "hidden": {}}).taken == {"echo": 1000.0}


def test_what_was_long_ago_says_nothing_of_now() -> None:
    before = advance(None, 10.0, {"echo": {"a": 0}})

    assert advance(before, 10.0 + FRESH + 1, {"echo": {"a": SECOND}}).taken == {}


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_provider_that_does_not_tell_leaves_it_unknown(
    provider: ScriptedProvider, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> Sequence[float | None]:
        client = ProviderClient(provider.url, None, timeout=5)
        cpu = Cpu(MemoryFunctions(), client, clock=Clock())
        await cpu.ask()  # is answered with something else
        await cpu.ask()
        await client.close()
        return [cpu.find("echo.openfaas-fn")]

    assert asyncio.run(test()) == [None]
    assert caplog.text.count("functions are not scaled by cpu") == 1
