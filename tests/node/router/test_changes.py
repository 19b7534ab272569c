"""Deploying, scaling and growing while requests come."""

import contextlib
import signal
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from faasd.base.errors import Unavailable
from faasd.router.pool import Shape
from faasd.router.routes import Router
from faasd.router.wanted import Endpoint, FunctionName
from tests.machine.processes import wait_until
from tests.node.router.origin import Origin
from tests.node.router.running import HELLO, RunningRouter, load, many, say

SMALL = Shape(backends=2, slots=2)
CLOSE = "Connection: close"


def test_deploy_scale_update_and_delete_reload_nothing(
    router: RunningRouter, hello: Origin, second: Origin
) -> None:
    worker = router.find_pid()
    other = FunctionName(name="other", namespace="dev")
    router.router.apply({HELLO: [hello.endpoint]})
    router.router.apply({HELLO: [hello.endpoint, second.endpoint], other: [second.endpoint]})
    assert {router.get().body for _ in range(8)} == {b"hello 0", b"second 0"}
    assert router.get("/function/other.dev").body == b"second 0"
    router.router.apply({HELLO: [second.endpoint]})
    assert {router.get().body for _ in range(4)} == {b"second 0"}
    router.router.apply({})
    assert [router.get(path).status for path in ("/function/hello", "/function/other.dev")] == [
        404,
        404,
    ]
    assert router.find_pid() == worker


def test_same_wish_twice_tells_nothing(router: RunningRouter, hello: Origin) -> None:
    router.apply(hello.endpoint)
    written = router.settings.config_file.stat().st_mtime_ns
    router.apply(hello.endpoint)
    assert router.settings.config_file.stat().st_mtime_ns == written


@pytest.mark.parametrize("headers", [(), (CLOSE,)], ids=["kept-alive", "fresh"])
def test_pool_grows_under_load_and_no_request_fails(hello: Origin, headers: tuple[str]) -> None:
    router = RunningRouter(shape=SMALL)
    with contextlib.closing(router):
        router.apply(hello.endpoint)
        router.activator.requests.clear()
        before = router.find_pid()
        with load(router.port, *headers, seconds=3, connections=16) as seen:
            for count in (3, 7, 15, 31):
                time.sleep(0.3)
                router.router.apply({HELLO: [hello.endpoint], **many(count, hello.endpoint)})
        after = router.find_pid()
    say(f"4 growths: {seen[0].failed} of {seen[0].requests} requests failed")
    assert (after != before, seen[0].failed, seen[0].requests > 1000) == (True, 0, True), seen
    assert router.activator.requests == []


def test_idle_connection_from_before_a_growth_sees_what_came_after(
    hello: Origin, second: Origin
) -> None:
    router = RunningRouter(shape=SMALL)
    with contextlib.closing(router), router.connect() as kept:
        router.apply(hello.endpoint)
        assert b"hello" in _ask(kept, "/function/hello")
        router.router.apply({HELLO: [second.endpoint], **many(5, second.endpoint)})
        hello.stop_listening()
        assert b"second" in _ask(kept, "/function/fn-4")


def test_slots_grow_with_the_replicas(hello: Origin, second: Origin) -> None:
    router = RunningRouter(shape=SMALL)
    with contextlib.closing(router):
        third = Origin("third").start()
        router.apply(hello.endpoint, second.endpoint)
        router.apply(hello.endpoint, second.endpoint, third.endpoint)
        bodies = {router.get().body for _ in range(9)}
        third.stop()
    assert bodies == {b"hello 0", b"second 0", b"third 0"}


def test_rolling_update_under_load_fails_no_request(router: RunningRouter) -> None:
    old = Origin("old").start()
    router.apply(old.endpoint)
    with load(router.port, seconds=2, connections=8) as seen:
        for generation in range(6):
            new = Origin(f"new-{generation}").start()
            router.apply(new.endpoint)
            router.wait_idle(old.endpoint)
            old.stop()
            old = new
    old.stop()
    say(f"6 updates: {seen[0].failed} of {seen[0].requests} requests failed")
    assert seen[0].failed == 0, seen


@contextlib.contextmanager
def _asking(router: RunningRouter, origin: Origin) -> Iterator[None]:
    """Have one request in flight at an origin until the block ends."""
    before = len(origin.requests)
    asking = threading.Thread(target=router.get, args=("/function/hello/wait",))
    asking.start()
    try:
        wait_until(lambda: len(origin.requests) > before, 10, "the request reaches the origin")
        yield
    finally:
        origin.proceed.set()
        asking.join()


def test_requests_in_flight_are_seen_after_their_replica_was_replaced(
    router: RunningRouter, hello: Origin, second: Origin
) -> None:
    router.apply(hello.endpoint)
    with _asking(router, hello):
        router.apply(second.endpoint)
        assert {router.get().body for _ in range(4)} == {b"second 0"}
        assert router.in_flight(hello.endpoint) == 1
        assert router.in_flight(second.endpoint) == 0
    router.wait_idle(hello.endpoint)


def test_requests_in_flight_are_seen_after_their_function_was_deleted(
    router: RunningRouter, hello: Origin, second: Origin
) -> None:
    router.apply(hello.endpoint)
    with _asking(router, hello):
        router.router.apply({})
        assert router.get().status == 404
        router.router.apply({FunctionName(name="next"): [second.endpoint]})
        assert router.in_flight(hello.endpoint) == 1
    router.wait_idle(hello.endpoint)


def test_requests_that_the_activator_passes_on_count_as_the_replicas(
    router: RunningRouter, hello: Origin
) -> None:
    router.apply()
    with _asking(router, router.activator):
        router.apply(hello.endpoint)
        router.apply()
        assert router.in_flight(hello.endpoint) == 1
    router.wait_idle(hello.endpoint)


def test_slot_with_requests_in_flight_is_taken_last(hello: Origin, second: Origin) -> None:
    router = RunningRouter(shape=Shape(backends=2, slots=3))
    with contextlib.closing(router):
        router.apply(hello.endpoint)
        with _asking(router, hello):
            for _ in range(4):
                router.apply(second.endpoint)
                router.apply(router.gateway.endpoint)
                assert router.in_flight(hello.endpoint) == 1


def test_nothing_is_in_flight_at_a_replica_that_was_never_routed(
    router: RunningRouter, hello: Origin
) -> None:
    router.apply()
    assert router.in_flight(hello.endpoint) == 0


def test_what_is_routed_is_told_and_what_is_dead_is_left_out(
    router: RunningRouter, hello: Origin
) -> None:
    gone = Origin("gone").start()
    router.apply(hello.endpoint, gone.endpoint)
    assert router.router.find_routed() == {HELLO: {hello.endpoint, gone.endpoint}}
    gone.stop()
    wait_until(lambda: router.router.find_routed() == {HELLO: {hello.endpoint}}, 10, "seen dead")
    router.stop(signal.SIGKILL)
    assert router.router.find_routed() == {}


def test_worker_is_another_one_after_a_restart_and_none_meanwhile(router: RunningRouter) -> None:
    before = router.router.find_worker()
    router.stop(signal.SIGKILL)
    meanwhile = router.router.find_worker()
    router.start()
    assert before is not None
    assert meanwhile is None
    assert router.router.find_worker() not in (before, None)


def test_200_functions_are_back_within_a_second_of_a_restart(
    router: RunningRouter, hello: Origin
) -> None:
    routes = many(200, hello.endpoint)
    router.router.apply(routes)
    router.stop(signal.SIGKILL)
    router.start()
    answer = router.get("/function/fn-199")
    began = time.monotonic()
    router.router.apply(routes)
    say(f"200 functions compared in {time.monotonic() - began:.3f} s")
    assert answer.body == b"hello 0"


def test_200_functions_are_told_to_an_empty_router_at_once(hello: Origin) -> None:
    router = RunningRouter(shape=Shape(backends=256))
    with contextlib.closing(router):
        began = time.monotonic()
        Router(router.settings).apply(many(200, hello.endpoint))
        took = time.monotonic() - began
        assert router.get("/function/fn-199").body == b"hello 0"
    say(f"200 functions told in {took:.3f} s")
    assert took < 5


def test_a_change_among_200_functions_is_told_in_one_go(
    router: RunningRouter, hello: Origin
) -> None:
    routes = many(200, hello.endpoint)
    router.router.apply(routes)
    times = []
    for port in range(1, 8):
        began = time.monotonic()
        moved = Endpoint(address="127.0.0.1", port=port)
        router.router.apply({**routes, FunctionName(name="fn-7"): [moved]})
        times.append(time.monotonic() - began)
    say(f"one change among 200 functions: median {statistics.median(times) * 1000:.1f} ms")
    assert statistics.median(times) < 2


def test_router_that_starts_anew_moves_nobody(router: RunningRouter, hello: Origin) -> None:
    router.router.apply(many(5, hello.endpoint))
    entries = router.settings.map_file.read_text()
    fewer = {
        name: places for name, places in many(5, hello.endpoint).items() if "0" not in name.name
    }
    Router(router.settings).apply(fewer)
    kept = [line for line in entries.splitlines() if not line.startswith("fn-0")]
    assert router.settings.map_file.read_text().splitlines() == kept


def test_hand_at_the_socket_is_repaired(router: RunningRouter, hello: Origin) -> None:
    router.apply(hello.endpoint)
    router.router._admin.tell(
        ["set server f000/r1 state maint", f"del map {router.settings.map_file} hello"]
    )
    router.apply(hello.endpoint)
    assert router.get().body == b"hello 0"


def test_gateway_and_activator_that_move_are_followed(
    router: RunningRouter, second: Origin
) -> None:
    moved = replace(router.settings, gateway=second.endpoint, activator=second.endpoint)
    Router(moved).apply({HELLO: []})
    assert router.get().body == router.get("/healthz").body == b"second 0"


def test_router_that_is_away_is_unavailable_and_comes_back_with_the_routes(
    router: RunningRouter, hello: Origin
) -> None:
    router.stop(signal.SIGKILL)
    with pytest.raises(Unavailable, match="is HAProxy running"):
        router.apply(hello.endpoint)
    router.start()
    assert router.get().body == b"hello 0"


def _ask(connection: socket.socket, path: str) -> bytes:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: node\r\n\r\n".encode())
    return connection.recv(1 << 16)
