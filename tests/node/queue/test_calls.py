"""What becomes of an accepted call."""

import threading

import pytest

from tests.machine.processes import wait_until
from tests.node.queue.receiver import Reply
from tests.node.queue.running import ECHO, SETTLE, RunningQueue

FUNCTION = f"/function/{ECHO}"


@pytest.fixture
def queue(standing: RunningQueue) -> RunningQueue:
    return standing.forget()


def test_a_call_reaches_the_function_as_the_caller_made_it(queue: RunningQueue) -> None:
    body = bytes(range(256))
    headers = {"X-Call-Id": "call-1", "Content-Type": "a/b", "Authorization": "Bearer x"}

    answer = queue.call(body, "/async-function/echo/some%2Fpath/?q=1&q=%20", headers)

    assert (answer.status, answer.headers["X-Call-Id"]) == (202, "call-1")
    wait_until(lambda: bool(queue.receiver.at(f"{FUNCTION}/some")), SETTLE, "the call")
    (seen,) = queue.receiver.at(f"{FUNCTION}/some")
    assert seen.target == f"{FUNCTION}/some%2Fpath/?q=1&q=%20"
    assert seen.body == body
    assert [seen.one(name) for name in headers] == list(headers.values())
    assert not seen.all("User-Agent")


def test_headers_for_the_next_hop_end_there_and_names_may_come_twice(queue: RunningQueue) -> None:
    given = {"Connection": "X-Gone", "X-Gone": "1", "TE": "trailers", "X-Kept": "käse"}

    queue.call("headers", headers=given)

    wait_until(lambda: "headers" in queue.bodies(), SETTLE, "the call")
    seen = queue.receiver.at(FUNCTION)[-1]
    assert seen.all("X-Kept")
    assert not [name for name in ("X-Gone", "TE", "X-Callback-Url") if seen.all(name)]


def test_an_id_is_made_where_the_caller_gave_none(queue: RunningQueue) -> None:
    answer = queue.call("no id")

    wait_until(lambda: "no id" in queue.bodies(), SETTLE, "the call")
    assert queue.receiver.at(FUNCTION)[-1].one("X-Call-Id") == answer.headers["X-Call-Id"]


def test_a_repeated_call_is_made_once_and_other_calls_of_the_same_id_are_made(
    queue: RunningQueue,
) -> None:
    same = {"X-Call-Id": "again"}

    answers = [queue.call(body, headers=same) for body in ("one", "one", "two")]
    answers.append(queue.call("one", "/async-function/other.dev", same))

    assert [answer.status for answer in answers] == [202] * 4
    queue.wait_empty()
    assert sorted(queue.bodies()) == ["one", "two"]
    assert queue.bodies("/function/other.dev") == ["one"]


def test_no_more_calls_are_in_flight_than_allowed(queue: RunningQueue) -> None:
    hold = threading.Event()
    queue.receiver.plan(FUNCTION, Reply(hold=hold))

    for number in range(40):
        queue.call(str(number))

    wait_until(lambda: queue.receiver.at_once == 16, SETTLE, "all places taken")
    (line,) = [one for one in queue.overview()["functions"] if one["key"] == ECHO]  # type: ignore[attr-defined]
    assert (line["in_flight"], line["waiting"]) == (16, 24)
    hold.set()
    queue.wait_empty()
    assert queue.receiver.most_at_once == 16
    assert len(set(queue.bodies())) == 40


def test_a_call_longer_than_the_patience_of_nats_is_made_once(queue: RunningQueue) -> None:
    hold = threading.Event()
    queue.receiver.plan(FUNCTION, Reply(hold=hold))
    queue.call("long")
    wait_until(lambda: "long" in queue.bodies(), SETTLE, "the call")

    # Three times the patience of one second, measured by what NATS would do: give it out again.
    threading.Event().wait(3.2)
    hold.set()

    queue.wait_empty()
    assert queue.bodies() == ["long"]


def test_an_answer_of_the_function_is_final_whatever_it_says(queue: RunningQueue) -> None:
    queue.receiver.plan(FUNCTION, Reply(status=500))

    queue.call("five hundred")

    queue.wait_empty()
    assert queue.bodies() == ["five hundred"]
    assert queue.metric("faasd_queue_dead_letters") == 0
