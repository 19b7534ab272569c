"""The provider and a real HAProxy: whatever is changed, no call fails."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machine.processes import wait_until
from tests.node.router.node import RoutedNode
from tests.node.router.running import say
from tests.unit.provider.running import eventually
from tests.unit.provider.serving import listening
from tests.unit.provider.test_routing import Slow

SOON = 30.0


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RoutedNode]:
    made = RoutedNode(tmp_path)
    yield made
    made.close()


def failures(statuses: list[int]) -> list[int]:
    return [status for status in statuses if status != 200]


def test_a_function_that_is_ready_is_called_without_the_activator(node: RoutedNode) -> None:
    node.deploy_routed()

    assert [node.call("echo") for _ in range(5)] == [200] * 5
    assert node.activated == []


def test_a_change_reaches_the_router_within_milliseconds(node: RoutedNode) -> None:
    node.deploy_routed("other")
    times = []
    for number in range(5):
        node.provider.deploy_ready(f"fn{number}")
        began = time.monotonic()
        wait_until(lambda n=number: node.is_routed(f"fn{n}"), SOON, "routed")  # type: ignore[misc]
        times.append(time.monotonic() - began)
        began = time.monotonic()
        node.provider.delete(f"fn{number}")
        wait_until(lambda n=number: node.call(f"fn{n}") == 404, SOON, "404")  # type: ignore[misc]
        times.append(time.monotonic() - began)
    say(f"routed and unrouted after {statistics.median(times) * 1000:.0f} ms (median)")
    assert statistics.median(times) < 0.5


def test_updates_fail_no_call(node: RoutedNode) -> None:
    node.deploy_routed()
    with node.calling("echo") as statuses:
        for number in range(4):
            node.provider.update(envVars={"STEP": str(number)})
            wait_until(
                lambda n=number: node.provider.running() == [f"echo.{n + 2}.0"],  # type: ignore[misc]
                SOON,
                "the new generation alone",
            )
    say(f"4 updates: {len(failures(statuses))} of {len(statuses)} calls failed")
    assert failures(statuses) == []


def test_scaling_up_and_down_fails_no_call(node: RoutedNode) -> None:
    node.deploy_routed()
    with node.calling("echo") as statuses:
        for replicas in (4, 1, 3, 2):
            node.provider.scale("echo", replicas)
            wait_until(
                lambda n=replicas: len(node.provider.running()) == n,  # type: ignore[misc]
                SOON,
                f"{replicas} replicas",
            )
    say(f"4 scales: {len(failures(statuses))} of {len(statuses)} calls failed")
    assert failures(statuses) == []


def test_scaling_to_zero_fails_no_call(node: RoutedNode) -> None:
    node.deploy_routed()
    with node.calling("echo") as statuses:
        for _ in range(8):
            node.provider.scale("echo", 0)
            wait_until(lambda: node.provider.state() == "ready", SOON, "awake again")
    say(f"8 sleeps: {len(failures(statuses))} of {len(statuses)} calls failed")
    assert failures(statuses) == []


def test_a_function_that_sleeps_is_awakened_by_a_call_and_then_called_directly(
    node: RoutedNode,
) -> None:
    node.deploy_routed()
    node.provider.scale("echo", 0)
    wait_until(lambda: node.provider.running() == [], SOON, "asleep")

    assert node.call("echo", "/a") == 200
    assert node.activated == ["echo.openfaas-fn"]
    wait_until(node.is_routed, SOON, "routed again")
    assert node.call("echo") == 200
    assert len(node.activated) == 1


def test_deleting_one_function_fails_no_call_of_another(node: RoutedNode) -> None:
    node.deploy_routed("kept")
    with node.calling("kept") as statuses:
        for number in range(4):
            node.deploy_routed(f"fn{number}")
            node.provider.delete(f"fn{number}")
    assert failures(statuses) == []


def test_a_call_in_flight_is_waited_for_and_a_new_one_is_not_let_in(node: RoutedNode) -> None:
    slow = Slow()
    node.provider.deploy("slow", "silent")
    with listening(node.provider.address("slow"), slow):
        wait_until(lambda: node.is_routed("slow"), SOON, "routed")
        with node.calling_once("slow") as statuses:
            assert slow.asked.wait(SOON)
            node.provider.delete("slow")
            wait_until(lambda: not node.router.find_routed(), SOON, "unmapped")
            assert node.call("slow") == 404
            assert not eventually(lambda: node.provider.running("slow") == [], 0.5)
            slow.proceed.set()
        wait_until(node.provider.is_empty, SOON, "all gone")
    assert statuses == [200]


def test_calls_that_outlast_the_grace_are_waited_for_no_longer(node: RoutedNode) -> None:
    slow = Slow()
    node.provider.deploy("slow", "silent", annotations={"grace_period": "300ms"})
    with listening(node.provider.address("slow"), slow):
        wait_until(lambda: node.is_routed("slow"), SOON, "routed")
        with node.calling_once("slow"):
            assert slow.asked.wait(SOON)
            node.provider.delete("slow")
            wait_until(node.provider.is_empty, SOON, "all gone")
            slow.proceed.set()


def test_a_router_that_starts_anew_has_the_routes_and_what_changed_meanwhile(
    node: RoutedNode,
) -> None:
    node.deploy_routed("before")
    node.stop_router()
    node.provider.deploy_ready("meanwhile")
    node.provider.delete("before")
    address = node.provider.address("meanwhile")
    config = node.directory / "haproxy.cfg"
    wait_until(lambda: f" {address}:8080\n" in config.read_text(), SOON, "in the files")

    node.start_router()

    assert (node.call("meanwhile"), node.call("before")) == (200, 404)
    assert node.activated == []
    node.deploy_routed("after")
    assert node.call("after") == 200


def test_a_restarted_provider_moves_nothing_and_fails_no_call(node: RoutedNode) -> None:
    node.deploy_routed()
    with node.calling("echo") as statuses:
        for _ in range(2):
            node.provider.stop()
            node.provider.start()
            wait_until(lambda: node.provider.state() == "ready", SOON, "ready")
    assert failures(statuses) == []
    assert node.activated == []


def test_a_dead_replica_is_taken_out_and_its_successor_put_in(node: RoutedNode) -> None:
    node.deploy_routed()
    node.provider.world.crash("openfaas-fn", "echo.1.0")

    wait_until(lambda: node.provider.state() == "ready", SOON, "runs again")
    wait_until(node.is_routed, SOON, "routed again")
    assert node.call("echo") == 200


def test_a_reload_that_somebody_ordered_is_noticed(node: RoutedNode) -> None:
    node.deploy_routed()
    node.stop_router()
    (node.directory / "functions.map").write_text("")
    node.start_router()

    wait_until(lambda: node.call("echo") == 200, SOON, "routed again")
