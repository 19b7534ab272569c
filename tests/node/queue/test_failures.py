"""Calls that fail: made again, given up, kept, replayed."""

import json
import threading
import time

import pytest

from tests.machine.processes import wait_until
from tests.node.queue.receiver import Reply
from tests.node.queue.running import ECHO, SETTLE, RunningQueue

FUNCTION = f"/function/{ECHO}"


@pytest.fixture
def calm(standing: RunningQueue) -> RunningQueue:
    return standing.forget()


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_status_that_says_come_again_is_heard(calm: RunningQueue, status: int) -> None:
    calm.receiver.plan(FUNCTION, Reply(status=status), Reply(status=status), Reply())
    before = calm.metric("faasd_queue_retries_total")

    calm.call("again")

    calm.wait_empty()
    assert calm.bodies() == ["again"] * 3
    assert calm.metric("faasd_queue_retries_total") - before == 2
    assert calm.metric("faasd_queue_dead_total") == 0


def test_a_call_that_is_cut_off_is_made_again(calm: RunningQueue) -> None:
    calm.receiver.plan(FUNCTION, Reply(cut=True), Reply())

    calm.call("cut")

    calm.wait_empty()
    assert calm.bodies() == ["cut"] * 2


def test_retry_after_is_waited_for(calm: RunningQueue) -> None:
    calm.receiver.plan(FUNCTION, Reply(status=429, headers={"Retry-After": "2"}), Reply())
    began = time.monotonic()

    calm.call("later")

    wait_until(lambda: len(calm.bodies()) == 2, SETTLE, "the second try")
    assert time.monotonic() - began >= 2


def test_a_call_waiting_for_its_retry_holds_no_place(queue: RunningQueue) -> None:
    queue.restart_worker_with(max_inflight="1")
    queue.receiver.plan(FUNCTION, Reply(status=503, headers={"Retry-After": "3600"}), Reply())
    queue.call("waits")
    wait_until(lambda: "waits" in queue.bodies(), SETTLE, "the first try")

    queue.call("goes", "/async-function/other.dev")

    wait_until(lambda: queue.bodies("/function/other.dev") == ["goes"], SETTLE, "the other call")
    assert queue.bodies() == ["waits"]


def test_after_the_last_try_a_call_is_a_dead_letter_that_can_be_replayed(
    queue: RunningQueue,
) -> None:
    queue.restart_worker_with(max_tries="5")
    queue.receiver.plan(FUNCTION, *[Reply(status=503)] * 5, Reply())
    queue.call("doomed", headers={"X-Call-Id": "doomed-1", "X-Kept": "yes"})

    (letter,) = queue.wait_dead(1)

    assert (letter["key"], letter["call_id"], letter["size"]) == (ECHO, "doomed-1", 6)
    assert letter["death"]["tries"] == 5  # type: ignore[index]
    assert letter["death"]["status"] == 503  # type: ignore[index]
    assert "503" in letter["death"]["reason"]  # type: ignore[index]
    assert queue.bodies() == ["doomed"] * 5
    queue.wait_empty()

    answer = queue.ask_worker("POST", f"/replay?number={letter['number']}")

    assert answer.status == 200
    assert json.loads(answer.body) == {"done": [letter["number"]], "refused": []}
    wait_until(lambda: queue.bodies() == ["doomed"] * 6, SETTLE, "the call replayed")
    assert queue.receiver.at(FUNCTION)[-1].one("X-Kept") == "yes"
    assert queue.wait_dead(0) == []
    queue.wait_empty()


def test_dead_letters_outlive_nats_and_are_dropped_when_told(queue: RunningQueue) -> None:
    queue.restart_worker_with(max_tries="1")
    queue.receiver.plan(FUNCTION, Reply(status=502))
    for body in ("a", "b", "c"):
        queue.call(body)
    queue.wait_dead(3)
    queue.nats.kill()
    queue.nats.start()

    numbers = [letter["number"] for letter in queue.wait_dead(3)]
    answer = queue.ask_worker("POST", f"/purge?number={numbers[0]}&number={numbers[1]}&number=99")

    assert answer.status == 200
    assert b"no dead letter 99" in answer.body
    assert [letter["number"] for letter in queue.wait_dead(1)] == numbers[2:]


def test_what_is_no_call_of_ours_is_put_aside(queue: RunningQueue) -> None:
    queue.publish("faasd.async.openfaas-fn.echo", "rubbish")

    (letter,) = queue.wait_dead(1)

    assert "no call of the gateway's" in letter["death"]["reason"]  # type: ignore[index]
    assert b"refused" in queue.ask_worker("POST", f"/replay?number={letter['number']}").body
    queue.wait_dead(1)
    queue.call("next")
    wait_until(lambda: "next" in queue.bodies(), SETTLE, "the next call")


def test_a_full_queue_refuses_and_takes_again_when_there_is_room(queue: RunningQueue) -> None:
    queue.restart_worker_with(queue_max_bytes="300Ki")
    hold = threading.Event()
    queue.receiver.plan(FUNCTION, Reply(hold=hold))
    accepted = 0

    while (answer := queue.call(bytes(100_000))).status == 202 and accepted < 10:
        accepted += 1

    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert b"full" in answer.body
    assert 1 <= accepted <= 3
    hold.set()
    wait_until(lambda: queue.call("room").status == 202, SETTLE, "room again")
    wait_until(lambda: len(queue.bodies()) == accepted + 1, SETTLE, "all that was accepted")


def test_limits_of_the_streams_follow_the_settings(queue: RunningQueue) -> None:
    queue.restart_worker_with(queue_max_bytes="7Mi")

    assert queue.overview()["size_most"] == 7 * 1024 * 1024


def test_a_call_given_up_is_told_to_its_callback(queue: RunningQueue) -> None:
    queue.restart_worker_with(max_tries="2")
    queue.receiver.plan(FUNCTION, Reply(status=503, body=b"not now"))

    queue.call("x", headers={"X-Callback-Url": f"{queue.receiver.url}/callback"})

    queue.wait_dead(1)
    wait_until(lambda: bool(queue.receiver.at("/callback")), SETTLE, "the callback")
    (seen,) = queue.receiver.at("/callback")
    assert (seen.one("X-Function-Status"), seen.body) == ("503", b"not now")
