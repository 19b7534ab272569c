"""First calls of a function that sleeps, through the front door."""

import contextlib
import http.client
import time
from concurrent.futures import ThreadPoolExecutor

from tests.machine.processes import wait_until
from tests.node.activator.cold import ASLEEP, AWAKE, KEY, ColdRouter
from tests.node.router.running import say
from tests.unit.gateway.activat_provider import entry

SIZE = 20 << 20


def wait_for_one(router: ColdRouter) -> None:
    wait_until(lambda: router.served.waiting == 1, 10, "the call waits")


def test_a_sleeping_function_is_woken_and_later_calls_go_to_it_directly(router: ColdRouter) -> None:
    router.wake_when_asked()
    assert router.get().status == 200
    assert router.provider.awakened == [KEY]
    router.close_activator()
    assert [router.get().status for _ in range(10)] == [200] * 10


def test_the_function_gets_the_request_as_any_other(router: ColdRouter) -> None:
    router.wake_when_asked()
    answer = router.get("/function/hello/a/b?c=d", x_call_id="7", x_faasd_function="other.b")
    assert (answer.status, answer.headers["x-call-id"]) == (200, "7")
    (request,) = router.hello.requests
    assert request.line == "GET /a/b?c=d HTTP/1.1"
    assert request.all("x-call-id") == ["7"]
    assert request.all("x-faasd-function") == []
    assert len(request.all("x-forwarded-for")) == 1


def test_a_function_is_woken_by_its_whole_name_too(router: ColdRouter) -> None:
    router.wake_when_asked()
    assert router.get(f"/function/{KEY}").status == 200
    assert router.provider.awakened == [KEY]


def test_200_callers_at_once_are_all_answered_by_one_start(router: ColdRouter) -> None:
    router.wake_when_asked(after=0.3)
    with ThreadPoolExecutor(200) as pool:
        statuses = list(pool.map(lambda _: router.get().status, range(200)))
    assert statuses == [200] * 200
    assert router.provider.awakened == [KEY]


def test_100_first_calls_in_a_row_are_all_answered(router: ColdRouter) -> None:
    router.wake_when_asked(after=0.005)
    took = []
    for _ in range(100):
        router.apply()
        router.tell(ASLEEP)
        began = time.perf_counter()
        assert router.get().status == 200
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    say(f"100 first calls, 5 ms to start: median {took[50]:.1f} ms, 99th {took[98]:.1f} ms")
    assert len(router.provider.awakened) == 100


def test_a_kept_alive_connection_goes_from_the_activator_to_the_function(
    router: ColdRouter,
) -> None:
    router.wake_when_asked()
    connection = http.client.HTTPConnection("127.0.0.1", router.port, timeout=20)
    with contextlib.closing(connection):
        for _ in range(5):
            connection.request("GET", "/function/hello")
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, b"hello 0")
    wait_until(lambda: router.served.connections == 0, 10, "none is kept at the activator")


def test_a_large_body_reaches_a_function_that_slept(router: ColdRouter) -> None:
    router.wake_when_asked(after=0.2)
    answer = router.send("POST", "/function/hello", bytes(SIZE))
    assert (answer.status, answer.body) == (200, b"hello %d" % SIZE)


def test_a_large_answer_of_a_function_that_slept_arrives_whole(router: ColdRouter) -> None:
    router.wake_when_asked()
    answer = router.get(f"/function/hello/large?{SIZE}")
    assert (answer.status, len(answer.body)) == (200, SIZE)


def test_chunks_reach_a_function_that_slept(router: ColdRouter) -> None:
    router.wake_when_asked()
    head = b"POST /function/hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
    body = b"5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n"
    with router.connect() as connection:
        connection.sendall(head + b"Connection: close\r\n\r\n" + body)
        assert connection.makefile("rb").read().endswith(b"hello 8")


def test_a_websocket_is_opened_to_a_function_that_slept(router: ColdRouter) -> None:
    router.wake_when_asked()
    lines = ("GET /function/hello/upgrade HTTP/1.1", "Host: a", "Connection: Upgrade")
    key = ("Upgrade: websocket", "Sec-WebSocket-Version: 13")
    nonce = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    with router.connect() as connection, connection.makefile("rb") as answers:
        connection.sendall("\r\n".join((*lines, *key, nonce, "", "")).encode())
        assert answers.readline().startswith(b"HTTP/1.1 101 ")
        while answers.readline() != b"\r\n":
            pass
        for message in (b"\x81\x05hello", b"\x82\x03abc"):
            connection.sendall(message)
            assert answers.read(len(message)) == message


def test_server_sent_events_of_a_function_that_slept_come_one_by_one(router: ColdRouter) -> None:
    router.wake_when_asked()
    with router.connect() as connection, connection.makefile("rb") as answers:
        connection.sendall(b"GET /function/hello/events HTTP/1.1\r\nHost: a\r\n\r\n")
        while b"data: one" not in (line := answers.readline()):
            assert line
        router.hello.proceed.set()
        while b"data: two" not in (line := answers.readline()):
            assert line


def test_a_caller_that_leaves_frees_its_place(router: ColdRouter) -> None:
    for body in (b"", bytes(1000)):
        connection = router.connect()
        length = b"Content-Length: %d\r\n\r\n" % (len(body) * 2)
        connection.sendall(b"POST /function/hello HTTP/1.1\r\nHost: a\r\n" + length + body)
        wait_for_one(router)
        connection.close()
        wait_until(lambda: router.served.connections == 0, 2, "the place is free")


def test_a_function_that_failed_is_told_of_with_its_reason(router: ColdRouter) -> None:
    failed = [
        entry("hello", replicas=1, state="failed", reason=reason)
        for reason in ("it ended with code 1", "it ended with code 1 (2 times in a row)")
    ]
    router.tell(*failed)
    answer = router.get()
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert answer.body.endswith(b"it ended with code 1 (2 times in a row)\n")
    assert answer.headers["x-call-id"]


def test_a_function_that_only_the_router_still_knows_is_told_apart_from_its_own_404(
    router: ColdRouter,
) -> None:
    router.call(router.provider.remove, KEY)
    wait_until(lambda: router.routes.find(KEY) is None, 10, "it is removed")
    answer = router.send("POST", "/function/hello", b"x")
    assert (answer.status, answer.headers.get_all("x-faasd-answer")) == (404, ["unknown-function"])
    router.tell(AWAKE)
    router.apply(router.hello.endpoint)
    answer = router.send("POST", "/function/hello/lost", b"x")
    assert (answer.status, answer.headers.get_all("x-faasd-answer")) == (404, None)


def test_a_replica_that_the_router_lost_is_reached_by_way_of_the_activator(
    router: ColdRouter,
) -> None:
    router.tell(AWAKE)
    assert router.get().status == 200
    assert router.provider.awakened == []
