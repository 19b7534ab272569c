"""What the gateway and the worker's own API do not take."""

import pytest

from tests.node.queue.running import ECHO, RunningQueue, ask


@pytest.fixture
def queue(standing: RunningQueue) -> RunningQueue:
    return standing.forget()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "said"),
    [
        ("POST", "/async-function/nobody", {}, 404, b"no function nobody"),
        ("POST", "/async-function/echo.dev", {}, 404, b"namespace dev"),
        ("POST", "/async-function/echo.openfaas-fn.x", {}, 404, b"no function"),
        ("GET", "/async-function/echo", {}, 405, b""),
        ("PUT", "/async-function/echo", {}, 405, b""),
        ("POST", "/async-function/echo", {"X-Callback-Url": "ftp://x/"}, 400, b"X-Callback-Url"),
        ("POST", "/async-function/echo", {"X-Callback-Url": "http:///x"}, 400, b"X-Callback-Url"),
        ("POST", "/async-function/echo", {"X-Callback-Url": "http://a:b/"}, 400, b"X-Callback"),
        ("POST", "/async-function/echo", {"X-Call-Id": "a b"}, 400, b"X-Call-Id"),
        ("POST", "/async-function/echo", {"X-Call-Id": "a" * 201}, 400, b"X-Call-Id"),
    ],
)
def test_bad_calls_are_refused_with_a_sentence(
    queue: RunningQueue, method: str, path: str, headers: dict[str, str], status: int, said: bytes
) -> None:
    answer = queue.call("x", path, headers, method)

    assert answer.status == status
    assert said in answer.body
    assert queue.bodies() == []


def test_the_largest_body_is_taken_and_one_byte_more_is_not(queue: RunningQueue) -> None:
    most = 960 * 1024

    assert queue.call(b"x" * most).status == 202
    refused = queue.call(b"x" * (most + 1))

    assert refused.status == 413
    assert str(most).encode() in refused.body
    queue.wait_empty()
    assert [len(body) for body in queue.bodies()] == [most]


def test_a_body_of_unknown_length_is_held_to_the_same_limit(queue: RunningQueue) -> None:
    refused = queue.call_in_pieces([b"x" * 100_000] * 11)
    taken = queue.call_in_pieces([b"ab", b"c"])

    assert (refused.status, taken.status) == (413, 202)
    queue.wait_empty()
    assert queue.bodies() == ["abc"]


@pytest.mark.parametrize(("count", "status"), [(7, 202), (12, 413)])
def test_headers_above_what_nats_takes_are_refused(
    queue: RunningQueue, count: int, status: int
) -> None:
    headers = {f"X-{number}": "x" * 8000 for number in range(count)}

    assert queue.call(b"", headers=headers).status == status


def test_headers_and_the_largest_body_fit_in_together(queue: RunningQueue) -> None:
    headers = {f"X-{number}": "x" * 8000 for number in range(7)}
    body = b"x" * (960 * 1024)

    assert queue.call(body, headers=headers).status == 202
    queue.wait_empty()
    assert [len(body) for body in queue.bodies()] == [len(body)]


@pytest.mark.parametrize("path", ["/queue", "/dead"])
def test_the_queues_contents_are_for_the_login_only(queue: RunningQueue, path: str) -> None:
    assert queue.ask_worker("GET", path).status == 200

    for answer in (ask(queue.worker_port, "GET", path), queue.ask_worker("GET", path, "admin:no")):
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("path", ["/replay", "/replay?number=x", "/purge?number=-1"])
def test_what_names_no_dead_letter_is_refused(queue: RunningQueue, path: str) -> None:
    assert queue.ask_worker("POST", path).status == 400
    assert ask(queue.worker_port, "POST", path).status == 401


def test_health_and_metrics_need_no_login(queue: RunningQueue) -> None:
    health = ask(queue.worker_port, "GET", "/healthz")

    assert (health.status, health.body) == (200, b"OK")
    text = ask(queue.worker_port, "GET", "/metrics").body.decode()
    assert f'faasd_queue_wait_seconds_count{{function_name="{ECHO}"}}' in text
    assert f'faasd_queue_completed_total{{code="200",function_name="{ECHO}"}}' in text
