"""Each process killed in turn while calls flow: what was accepted is called."""

import http.client
import signal
import threading
from collections.abc import Callable
from typing import Self

import pytest

from tests.machine.processes import wait_until
from tests.node.queue.receiver import Reply
from tests.node.queue.running import ECHO, SETTLE, Process, RunningQueue, ask

CALLS = 400
KILL_EVERY = 130


class Caller:
    """Makes calls one after another, and keeps which were accepted."""

    def __init__(self, queue: RunningQueue) -> None:
        self.accepted: set[str] = set()
        self.refused = 0
        self._queue = queue
        self._thread = threading.Thread(target=self._run, name="caller")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(120)
        assert not self._thread.is_alive()

    @property
    def made(self) -> int:
        return len(self.accepted) + self.refused

    def _run(self) -> None:
        for number in range(CALLS):
            try:
                status = self._queue.call(f"call {number}").status
            except (OSError, http.client.HTTPException):
                status = 0
            if status == 202:
                self.accepted.add(f"call {number}")
            else:
                self.refused += 1


def _nats(queue: RunningQueue) -> Process:
    return queue.nats


def _worker(queue: RunningQueue) -> Process:
    return queue.worker


def _gateway(queue: RunningQueue) -> Process:
    return queue.gateway


@pytest.mark.parametrize("which", [_nats, _worker, _gateway])
def test_nothing_accepted_is_lost_when_a_process_is_killed(
    queue: RunningQueue, which: Callable[[RunningQueue], Process]
) -> None:
    process = which(queue)

    with Caller(queue) as caller:
        for kill in (1, 2, 3):
            wait_until(lambda kill=kill: caller.made >= kill * KILL_EVERY, 120, "calls")  # type: ignore[misc]
            process.kill()
            process.start()

    assert len(caller.accepted) >= CALLS // 10
    wait_until(lambda: caller.accepted <= set(queue.bodies()), SETTLE, "every accepted call")
    queue.wait_accepting()
    queue.wait_empty()  # what NATS kept of calls that are done is dropped


def test_calls_in_flight_come_again_when_the_worker_is_killed(queue: RunningQueue) -> None:
    hold = threading.Event()
    queue.receiver.plan(f"/function/{ECHO}", Reply(hold=hold))
    queue.call("in flight")
    wait_until(lambda: "in flight" in queue.bodies(), SETTLE, "the call")

    queue.worker.kill()
    hold.set()
    queue.worker.start()

    wait_until(lambda: queue.bodies() == ["in flight"] * 2, SETTLE, "the call again")
    queue.wait_empty()


def test_calls_in_flight_come_again_though_nats_kept_calls_that_are_done(
    queue: RunningQueue,
) -> None:
    first, second = threading.Event(), threading.Event()
    queue.receiver.plan(f"/function/{ECHO}", Reply(hold=first))
    queue.call("done")
    wait_until(lambda: "done" in queue.bodies(), SETTLE, "the first call")
    with queue.keeping_messages():
        first.set()
        queue.wait_empty()
    wait_until(lambda: queue.metric("faasd_queue_connected") == 1, SETTLE, "NATS is back")
    queue.receiver.plan(f"/function/{ECHO}", Reply(hold=second))
    queue.call("in flight")
    wait_until(lambda: "in flight" in queue.bodies(), SETTLE, "the second call")
    wait_until(lambda: queue.metric("faasd_queue_pending") == 1, SETTLE, "the first is dropped")

    queue.worker.kill()
    second.set()
    queue.worker.start()

    wait_until(lambda: queue.bodies() == ["done"] + ["in flight"] * 2, SETTLE, "the call again")
    queue.wait_empty()


def test_a_worker_told_to_stop_finishes_its_calls_and_takes_no_others(
    queue: RunningQueue,
) -> None:
    hold = threading.Event()
    queue.receiver.plan(f"/function/{ECHO}", Reply(hold=hold))
    for number in range(20):
        queue.call(str(number))
    wait_until(lambda: queue.receiver.at_once == 16, SETTLE, "calls in flight")

    threading.Timer(0.5, hold.set).start()
    status = queue.worker.stop()

    assert (status, len(queue.bodies())) == (0, 16)
    queue.worker.start()
    queue.wait_empty()
    assert sorted(queue.bodies(), key=int) == [str(number) for number in range(20)]


def test_a_worker_told_to_stop_gives_back_at_once_what_does_not_end(queue: RunningQueue) -> None:
    queue.restart_worker_with(shutdown_grace="200ms", ack_wait="1h")
    hold = threading.Event()
    queue.receiver.plan(f"/function/{ECHO}", Reply(hold=hold))
    queue.call("stuck")
    wait_until(lambda: queue.bodies() == ["stuck"], SETTLE, "the call")

    assert queue.worker.stop() == 0
    queue.worker.start()

    wait_until(lambda: queue.bodies() == ["stuck"] * 2, SETTLE, "the call again, not in an hour")
    hold.set()
    queue.wait_empty()


def test_without_nats_callers_are_told_to_come_again_and_later_it_works(
    queue: RunningQueue,
) -> None:
    queue.nats.kill()

    answer = queue.call("away")

    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert answer.body.count(b"\n") == 1
    queue.nats.start()
    wait_until(lambda: queue.call("back").status == 202, SETTLE, "accepted again")
    wait_until(lambda: "back" in queue.bodies(), SETTLE, "worked off again")


def test_a_nats_that_lost_its_files_gets_its_streams_again(queue: RunningQueue) -> None:
    queue.nats.kill()
    queue.lose_files()
    queue.nats.start()

    wait_until(lambda: queue.call("anew").status == 202, SETTLE, "accepted again")
    wait_until(lambda: "anew" in queue.bodies(), SETTLE, "worked off again")


def test_calls_wait_while_the_router_is_away_and_use_no_try_up(queue: RunningQueue) -> None:
    queue.receiver.stop()

    for number in range(5):
        queue.call(str(number))
    wait_until(lambda: queue.metric("faasd_queue_in_flight") == 5, SETTLE, "calls wait in place")
    queue.receiver.start()

    queue.wait_empty()
    assert sorted(queue.bodies()) == ["0", "1", "2", "3", "4"]
    assert queue.metric("faasd_queue_retries_total") == 0


def test_the_worker_is_well_while_nats_is_away(queue: RunningQueue) -> None:
    queue.nats.kill()

    assert ask(queue.worker_port, "GET", "/healthz").status == 200
    assert queue.ask_worker("GET", "/queue").status == 503
    assert queue.metric("faasd_queue_connected") == 0


def test_a_nats_that_hangs_is_given_up_and_found_again(queue: RunningQueue) -> None:
    queue.nats.signal(signal.SIGSTOP)
    answer = queue.call("hangs")
    queue.nats.signal(signal.SIGCONT)

    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    wait_until(lambda: queue.call("back").status == 202, SETTLE, "accepted again")
    wait_until(lambda: "back" in queue.bodies(), SETTLE, "worked off again")
