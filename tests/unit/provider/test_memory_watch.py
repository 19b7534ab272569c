"""When the machine is short of memory, paused functions are stopped, and the gateway is told."""

import json
from pathlib import Path

from faasd.node.domain.container import TaskState
from provider_app.domain.pressure import CALM
from tests.unit.provider.running import RunningProvider, eventually

PAUSED = {"faasd.sleep.depth": "paused"}
PRESSED = b'{"synced": true, "pressed": true}\n'
SOON = 20.0


def sleeps(provider: RunningProvider, name: str) -> None:
    provider.deploy_ready(name, labels=PAUSED)
    assert provider.scale(name, 0).status_code == 202
    assert eventually(lambda: state(provider, name) is TaskState.PAUSED)


def state(provider: RunningProvider, name: str) -> TaskState:
    [found] = provider.workloads(name).values()
    return found.state


def leave(provider: RunningProvider, available: int) -> None:
    """Let so many hundredths of the machine's memory be available."""
    text = f"MemTotal: 100 kB\nMemAvailable: {available} kB\n"
    Path(provider.config.meminfo_file).write_text(text)


def wait_for(provider: RunningProvider, name: str, wanted: TaskState) -> bool:
    return eventually(lambda: state(provider, name) is wanted, SOON)


def lines(provider: RunningProvider) -> list[dict[str, object]]:
    """Return what a new follower of the routes is told first."""
    answer = provider.client.get("/system/routes", buffered=False)
    try:
        first = next(iter(answer.response))
        assert isinstance(first, bytes)
        return [json.loads(line) for line in first.splitlines()]
    finally:
        answer.close()


def test_paused_functions_are_stopped_one_by_one_the_longest_asleep_first(
    provider: RunningProvider,
) -> None:
    for name in ("second", "first"):
        sleeps(provider, name)

    leave(provider, 1)

    assert wait_for(provider, "second", TaskState.NONE)
    assert state(provider, "first") is TaskState.PAUSED
    assert lines(provider)[-1] == {"synced": True}
    assert wait_for(provider, "first", TaskState.NONE)
    assert [provider.state(name) for name in ("first", "second")] == ["asleep", "asleep"]


def test_when_none_is_paused_the_gateway_is_told_and_told_when_it_is_over(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready()
    answer = provider.client.get("/system/routes", buffered=False)
    told = iter(answer.response)
    try:
        leave(provider, 1)
        assert eventually(lambda: PRESSED in next(told), SOON)
        assert lines(provider)[-1] == {"synced": True, "pressed": True}
        assert "faasd_memory_short 1.0" in provider.client.get("/metrics").text

        leave(provider, 50)
        assert eventually(lambda: next(told) == b'{"synced": true}\n', SOON)
        assert "faasd_memory_short 1.0" in provider.client.get("/metrics").text
        assert eventually(
            lambda: "faasd_memory_short 0.0" in provider.client.get("/metrics").text, SOON + CALM
        )
    finally:
        answer.close()
    assert provider.running() == ["echo.1.0"]


def test_one_that_was_stopped_wakes_and_its_next_sleep_is_paused(
    provider: RunningProvider,
) -> None:
    sleeps(provider, "echo")
    leave(provider, 1)
    assert wait_for(provider, "echo", TaskState.NONE)
    leave(provider, 50)
    provider.stop()
    provider.start()

    assert provider.client.get("/function/echo").status_code == 200
    assert provider.scale("echo", 0).status_code == 202
    assert eventually(lambda: state(provider, "echo") is TaskState.PAUSED)


def test_stalls_are_read_where_the_kernel_tells_of_them(provider: RunningProvider) -> None:
    sleeps(provider, "echo")
    leave(provider, 20)
    stalled = 0

    def is_stopped() -> bool:
        nonlocal stalled
        stalled += 100_000
        text = f"some avg10=1.00 avg60=1.00 avg300=1.00 total={stalled}\n"
        Path(provider.config.pressure_file).write_text(text)
        return state(provider, "echo") is TaskState.NONE

    assert eventually(is_stopped, SOON)
