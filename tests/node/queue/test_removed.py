"""Accepted calls of a function that is removed, through a real router."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.router.wanted import Endpoint, FunctionName
from tests.machine.processes import wait_until
from tests.node.queue.receiver import Reply
from tests.node.queue.running import ECHO, SETTLE, RunningQueue
from tests.node.router.running import RunningRouter

FUNCTION = FunctionName(name="echo")


@pytest.fixture
def router() -> Iterator[RunningRouter]:
    running = RunningRouter()
    yield running
    running.close()


@pytest.fixture
def queue(tmp_path: Path, router: RunningRouter) -> Iterator[RunningQueue]:
    """A worker that calls functions through the router; the receiver is a replica."""
    running = RunningQueue(
        tmp_path, gateway_url=f"http://127.0.0.1:{router.port}", retry_most_wait="100ms"
    )
    try:
        deploy(router, running)
        yield running.start()
    finally:
        running.close()


def deploy(router: RunningRouter, queue: RunningQueue) -> None:
    router.router.apply({FUNCTION: [Endpoint(address="127.0.0.1", port=queue.receiver.port)]})


def test_a_call_waits_until_its_function_is_deployed_again(
    router: RunningRouter, queue: RunningQueue
) -> None:
    queue.restart_worker_with(max_tries="1000")
    router.router.apply({})
    assert queue.call("kept").status == 202
    wait_until(lambda: queue.metric("faasd_queue_retries_total") >= 2, SETTLE, "two tries")

    deploy(router, queue)

    wait_until(lambda: queue.bodies("/") == ["kept"], SETTLE, "the call is made")
    queue.wait_empty()
    assert queue.metric("faasd_queue_dead_total") == 0


def test_a_call_whose_function_stays_away_is_a_dead_letter_that_says_so(
    router: RunningRouter, queue: RunningQueue
) -> None:
    queue.restart_worker_with(max_tries="3")
    router.router.apply({})
    queue.call("lost", headers={"X-Call-Id": "lost-1"})

    (letter,) = queue.wait_dead(1)

    why = "there is no such function on this node, after 3 tries"
    assert letter["death"]["reason"] == why  # type: ignore[index]
    assert (letter["call_id"], letter["key"]) == ("lost-1", ECHO)
    assert f"a call of {ECHO} is a dead letter: {why}" in queue.worker.log.read_text()
    assert queue.bodies("/") == []

    deploy(router, queue)
    assert queue.ask_worker("POST", f"/replay?number={letter['number']}").status == 200
    wait_until(lambda: queue.bodies("/") == ["lost"], SETTLE, "the call is replayed")


def test_a_functions_own_404_is_its_answer_whatever_it_claims(queue: RunningQueue) -> None:
    claim = {"X-Faasd-Answer": "unknown-function"}
    queue.receiver.plan("/own", Reply(status=404, headers=claim))

    queue.call("asked", f"/async-function/{ECHO}/own")

    wait_until(lambda: queue.bodies("/own") == ["asked"], SETTLE, "the call is made")
    queue.wait_empty()
    assert queue.metric("faasd_queue_retries_total") == 0
    assert queue.metric("faasd_queue_dead_total") == 0
