"""Answers posted to where the caller wanted them."""

import pytest

from tests.machine.processes import wait_until
from tests.node.queue.receiver import Reply, Seen
from tests.node.queue.running import ECHO, SETTLE, RunningQueue

FUNCTION = f"/function/{ECHO}"
PATH = "/callback?for=me"


@pytest.fixture
def queue(standing: RunningQueue) -> RunningQueue:
    return standing.forget()


def call_back(queue: RunningQueue, called: str = "echo") -> str:
    """Call the function; return the call's id."""
    headers = {"X-Callback-Url": f"{queue.receiver.url}{PATH}"}
    answer = queue.call("hello", f"/async-function/{called}", headers)
    assert answer.status == 202
    return answer.headers["X-Call-Id"]


def wait_callbacks(queue: RunningQueue, count: int) -> list[Seen]:
    wait_until(lambda: len(queue.receiver.at(PATH)) >= count, SETTLE, "the callback")
    return queue.receiver.at(PATH)


def test_the_answer_is_posted_with_what_openfaas_says_of_it(queue: RunningQueue) -> None:
    reply = Reply(status=201, body=b"\0answer", headers={"Content-Type": "x/y", "X-Own": "1"})
    queue.receiver.plan(FUNCTION, reply)

    call_id = call_back(queue, "echo.openfaas-fn")

    (seen,) = wait_callbacks(queue, 1)
    assert seen.body == b"\0answer"
    assert (seen.one("Content-Type"), seen.one("X-Own")) == ("x/y", "1")
    assert seen.one("X-Call-Id") == call_id
    assert seen.one("X-Function-Name") == "echo.openfaas-fn"
    assert seen.one("X-Function-Status") == "201"
    assert 0 <= float(seen.one("X-Duration-Seconds")) < SETTLE
    assert not queue.receiver.at(FUNCTION)[-1].all("X-Callback-Url")


@pytest.mark.parametrize("first", [Reply(status=503), Reply(status=500), Reply(cut=True)])
def test_a_receiver_that_fails_is_asked_again_and_the_function_is_not(
    queue: RunningQueue, first: Reply
) -> None:
    queue.receiver.plan("/callback", first, Reply())

    call_back(queue)

    assert len(wait_callbacks(queue, 2)) == 2
    queue.wait_empty()
    assert queue.bodies() == ["hello"]


@pytest.mark.parametrize("status", [302, 404])
def test_a_receiver_that_does_not_want_it_is_left_alone(queue: RunningQueue, status: int) -> None:
    queue.receiver.plan("/callback", Reply(status=status, headers={"Location": "/elsewhere"}))

    call_back(queue)

    queue.wait_empty()
    assert len(queue.receiver.at(PATH)) == 1
    assert not queue.receiver.at("/elsewhere")
    assert queue.bodies() == ["hello"]


def test_a_receiver_that_is_not_there_does_not_keep_the_call(queue: RunningQueue) -> None:
    headers = {"X-Callback-Url": "http://127.0.0.1:9/"}

    queue.call("hello", headers=headers)

    queue.wait_empty()
    assert queue.bodies() == ["hello"]


def test_a_large_answer_is_passed_on_as_it_comes(queue: RunningQueue) -> None:
    size = 64 << 20
    queue.receiver.plan(FUNCTION, Reply(large=size))
    before = queue.memory_of_worker()

    call_back(queue)

    (seen,) = wait_callbacks(queue, 1)
    assert len(seen.body) == size
    assert queue.memory_of_worker() - before < 16 << 20
