"""What keeps a function awake that HAProxy's counters do not show."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.gateway.autoscaler.obstacles import KnownObstacles
from faasd.gateway.publisher import Publisher, PublisherSettings
from faasd.queue.call import AsyncCall
from tests.machine.processes import wait_until
from tests.node.queue.running import ECHO, OTHER, RunningQueue
from tests.node.router.origin import Origin
from tests.node.router.running import HELLO, RunningRouter, free_port, many
from tests.node.router.test_streams import UPGRADE

HTTP = "HTTP/1.1\r\nHost: node"


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[RunningQueue]:
    running = RunningQueue(tmp_path)
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture
def hello() -> Iterator[Origin]:
    origin = Origin("hello").start()
    yield origin
    origin.stop()


@pytest.fixture
def router() -> Iterator[RunningRouter]:
    running = RunningRouter()
    yield running
    running.close()


class EmptyQueue:
    """Holds no calls."""

    async def count_waiting(self, _key: str) -> int:
        return 0


def find(router: RunningRouter) -> str:
    obstacles = KnownObstacles(EmptyQueue(), router.settings.master_socket)
    return asyncio.run(obstacles.find(ECHO))


def test_calls_that_wait_in_the_queue_are_counted_by_function(queue: RunningQueue) -> None:
    assert queue.worker.stop() == 0

    async def count() -> tuple[int, int]:
        publisher = Publisher(PublisherSettings(nats_url=f"nats://127.0.0.1:{queue.nats_port}"))
        await publisher.start()
        try:
            await publisher.publish(call("one"))
            await publisher.publish(call("two"))
            return await publisher.count_waiting(ECHO), await publisher.count_waiting(OTHER)
        finally:
            await publisher.close()

    assert asyncio.run(count()) == (2, 0)


def call(call_id: str) -> AsyncCall:
    return AsyncCall(
        call_id=call_id,
        function="echo",
        namespace="openfaas-fn",
        called="echo",
    )


def test_a_queue_that_is_away_holds_no_calls() -> None:
    async def count() -> int:
        publisher = Publisher(PublisherSettings(nats_url=f"nats://127.0.0.1:{free_port()}"))
        return await publisher.count_waiting(ECHO)

    assert asyncio.run(count()) == 0


def test_nothing_sleeps_while_a_worker_that_was_replaced_has_connections(
    router: RunningRouter, hello: Origin
) -> None:
    router.apply(hello.endpoint)
    wait_until(lambda: find(router) == "", 20, "the master listens")
    with router.connect() as stream:
        stream.sendall(
            "\r\n".join((f"GET /function/hello/upgrade {HTTP}", *UPGRADE, "", "")).encode()
        )
        assert b" 101 " in stream.recv(1 << 12)
        router.router.apply({HELLO: [hello.endpoint], **many(40, hello.endpoint)})
        assert find(router)  # In any case: the master may not listen yet.
        wait_until(lambda: "worker of HAProxy" in find(router), 20, "the old worker is seen")
    wait_until(lambda: find(router) == "", 20, "the old worker has ended")


def test_where_the_router_does_not_tell_nothing_sleeps(router: RunningRouter) -> None:
    router.stop()

    assert "does not answer" in find(router)
