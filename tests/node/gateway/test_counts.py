"""What the gateway tells of calls that never pass through it."""

import json
import signal
from collections.abc import Callable

from faasd.router.wanted import FunctionName
from tests.machine.processes import wait_until
from tests.node.router.origin import Origin
from tests.node.router.running import HELLO, RunningRouter, load, say
from tests.unit.gateway.program import Program
from tests.unit.gateway.running import RIGHT
from tests.unit.gateway.twins import ScriptedProvider

LABEL = 'function_name="hello.openfaas-fn"'
MOST_CPU = 0.3
"""Of a core, while the router is under full load: what is counted must not cost what is called."""


def codes(gateway: Program) -> dict[str, float]:
    """Return the answers of `hello` by status."""
    lines = gateway.get_text("/metrics").splitlines()
    found = [each for each in lines if each.startswith("gateway_function_invocation_total{")]
    return {each.split('"')[1]: float(each.split()[-1]) for each in found if LABEL in each}


def call(router: RunningRouter, *paths: str) -> None:
    for path in paths:
        router.get(f"/function/hello{path}")


def await_calls(gateway: Program, number: int) -> None:
    wait_until(lambda: sum(codes(gateway).values()) == number, 10, f"{number} calls")


def test_each_call_is_counted_by_its_very_status(
    router: RunningRouter, gateway: Program, hello: Origin
) -> None:
    other = FunctionName(name="other", namespace="dev")
    router.router.apply({HELLO: [hello.endpoint], other: [hello.endpoint]})
    call(router, *[""] * 7, *["/teapot"] * 3)
    router.send("POST", "/function/hello.openfaas-fn/drop", b"x")
    router.get("/function/other.dev/teapot")
    router.get("/function/unknown")
    await_calls(gateway, 10 + 1)
    assert codes(gateway) == {"200": 7, "418": 3, "502": 1}
    assert gateway.figure('code="418",function_name="other.dev"') == 1
    assert "unknown" not in gateway.get_text("/metrics")


def test_the_list_tells_how_often_a_function_answered(
    router: RunningRouter, gateway: Program, provider: ScriptedProvider
) -> None:
    provider.functions = [{"name": "hello", "namespace": "openfaas-fn"}]
    call(router, "", "", "/teapot")
    await_calls(gateway, 3)
    for path in ("/system/functions", "/system/function/hello"):
        found = json.loads(router.get(path, Authorization=RIGHT).body)
        status = found[0] if isinstance(found, list) else found
        assert status["invocationCount"] == 3


def test_counts_go_on_through_restarts_of_gateway_and_router(
    router: RunningRouter, gateway: Program
) -> None:
    restarts: tuple[Callable[[], object], ...] = (
        gateway.stop,
        lambda: gateway.stop(signal.SIGKILL),
        lambda: router.stop(signal.SIGKILL),
    )
    for number, restart in enumerate(restarts):
        call(router, "", "/teapot")
        await_calls(gateway, 2 * number + 2)
        restart()
        if router.process.poll() is not None:
            router.start()
        if gateway.process.poll() is not None:
            gateway.start()
    call(router, "", "/teapot")
    await_calls(gateway, 8)
    assert codes(gateway)["200"] == 4
    assert gateway.figure(f"gateway_function_invocation_started{{{LABEL}}}") == 8


def test_calls_while_the_gateway_is_gone_are_counted(
    router: RunningRouter, gateway: Program
) -> None:
    call(router, "")
    wait_until(lambda: codes(gateway) == {"200": 1}, 10, "a call")
    gateway.stop()
    call(router, "", "", "/teapot")
    gateway.start()
    wait_until(lambda: codes(gateway) == {"200": 3, "400": 1}, 10, "calls without lines")


def test_times_of_all_calls_are_told_by_a_sample(router: RunningRouter, gateway: Program) -> None:
    call(router, *[""] * 250)
    count = f'gateway_functions_seconds_count{{code="200",{LABEL}}}'
    wait_until(lambda: (gateway.figure(count) or 0) >= 200, 10, "samples")
    assert (gateway.figure(count) or 0) <= 250
    assert gateway.figure(f'gateway_functions_seconds_bucket{{code="200",{LABEL},le="+Inf"}}')


def test_counting_costs_little_while_the_router_is_under_load(
    router: RunningRouter, gateway: Program
) -> None:
    call(router, "")
    before = gateway.cpu_seconds()
    with load(router.port, seconds=3) as seen:
        pass
    spent = (gateway.cpu_seconds() - before) / 3
    wait_until(lambda: codes(gateway).get("200", 0) >= seen[0].requests, 10, "all calls")
    say(f"{seen[0].requests} calls in 3 s, the gateway took {spent:.1%} of a core")
    assert spent < MOST_CPU
