"""What clients and functions see of each other through the router."""

import contextlib
import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from faasd.router.settings import Limits
from faasd.router.wanted import FunctionName
from tests.machine.processes import wait_until
from tests.node.router.origin import Origin
from tests.node.router.running import HELLO, RunningRouter


def test_function_gets_the_path_below_its_name_and_the_query(
    router: RunningRouter, hello: Origin
) -> None:
    router.apply(hello.endpoint)
    for path in ("", "/", "?a=1", "/b/c?d=/e", "//x"):
        router.get(f"/function/hello{path}")
        router.get(f"/function/hello.openfaas-fn{path}")
    lines = [request.line.split(" ")[1] for request in hello.requests]
    assert lines[::2] == lines[1::2] == ["/", "/", "/?a=1", "/b/c?d=/e", "//x"]


def test_function_gets_who_called_and_when_and_the_caller_gets_how_long(
    router: RunningRouter, hello: Origin
) -> None:
    router.apply(hello.endpoint)
    before = time.time_ns()
    answer = router.get(Host="example.org", Keep_Alive="x", Proxy_Connection="y", TE="trailers")
    request = hello.requests[0]
    assert request.all("x-forwarded-for") == ["127.0.0.1"]
    assert request.all("x-forwarded-host") == ["example.org"]
    assert [h for n in ("keep-alive", "proxy-connection", "te") for h in request.all(n)] == []
    assert request.all("x-call-id") == [answer.headers["x-call-id"]]
    assert uuid.UUID(answer.headers["x-call-id"]).version == 4
    assert request.all("x-start-time") == [answer.headers["x-start-time"]]
    assert abs(int(answer.headers["x-start-time"]) - before) < 10**9
    assert re.fullmatch(r"0\.\d{6}", answer.headers["x-duration-seconds"])


def test_what_concerns_one_hop_only_ends_at_the_router(
    router: RunningRouter, hello: Origin
) -> None:
    router.apply(hello.endpoint)
    router.get(Connection="close, X-Forwarded-For", Upgrade="h2c", Proxy_Authorization="Basic x")
    request = hello.requests[0]
    for name in ("connection", "upgrade", "proxy-authorization"):
        assert request.all(name) == []


def test_callers_own_identifier_is_kept(router: RunningRouter, hello: Origin) -> None:
    router.apply(hello.endpoint)
    answer = router.get(X_Call_Id="mine-1")
    assert answer.headers.get_all("x-call-id") == ["mine-1"]
    assert hello.requests[0].all("x-call-id") == ["mine-1"]


def test_functions_own_status_and_headers_are_kept(router: RunningRouter, hello: Origin) -> None:
    router.apply(hello.endpoint)
    answer = router.get("/function/hello/teapot")
    assert (answer.status, answer.headers["server"]) == (418, "pot")


@pytest.mark.parametrize(
    "path", ["/function/none", "/function/hello.other", "/function/", "/function/Hello", "/x"]
)
def test_what_is_not_there_is_404_in_one_sentence(
    router: RunningRouter, hello: Origin, path: str
) -> None:
    router.apply(hello.endpoint)
    answer = router.get(path, X_Call_Id="c-1")
    assert (answer.status, answer.headers["content-type"]) == (404, "text/plain")
    assert re.fullmatch(rb"There is no[^\n]+\(call c-1\)\.\n", answer.body)
    assert "server" not in answer.headers


def test_a_function_that_is_not_there_is_told_apart_from_a_functions_own_404(
    router: RunningRouter, hello: Origin
) -> None:
    router.apply(hello.endpoint)
    gone, own, elsewhere = (
        router.send("POST", path, b"x") for path in ("/function/none", "/function/hello/lost", "/x")
    )
    assert [answer.status for answer in (gone, own, elsewhere)] == [404] * 3
    assert gone.headers.get_all("x-faasd-answer") == ["unknown-function"]
    assert own.headers.get_all("x-faasd-answer") is None
    assert elsewhere.headers.get_all("x-faasd-answer") is None


def test_gateway_is_told_who_called_a_proxy_on_this_machine(router: RunningRouter) -> None:
    router.get(path="/healthz", X_Forwarded_For="192.0.2.7")
    assert router.gateway.requests[-1].all("x-forwarded-for") == ["192.0.2.7"]


def test_paths_of_the_control_plane_reach_the_gateway_whole(router: RunningRouter) -> None:
    for path in ("/system/functions?namespace=a", "/async-function/x/y", "/ui/", "/healthz", "/"):
        assert router.get(path).body == b"gateway 0"
        assert router.gateway.requests[-1].line.split(" ")[1] == path
    assert router.get("/metrics").status == 404


def test_sleeping_function_is_answered_by_the_activator_and_an_awake_one_is_not(
    router: RunningRouter, hello: Origin
) -> None:
    bodies = []
    for endpoints in ((), (hello.endpoint,), (), (hello.endpoint,)):
        router.apply(*endpoints)
        bodies.append(router.get().body)
    assert bodies == [b"activator 0", b"hello 0", b"activator 0", b"hello 0"]
    assert router.activator.requests[0].line.split(" ")[1] == "/"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/function/hello", "hello.openfaas-fn"),
        ("/function/hello.openfaas-fn/a", "hello.openfaas-fn"),
        ("/function/hello.dev", "hello.dev"),
    ],
)
def test_activator_is_told_the_functions_whole_name_whatever_the_client_says(
    router: RunningRouter, path: str, name: str
) -> None:
    router.router.apply({HELLO: [], FunctionName(name="hello", namespace="dev"): []})
    router.get(path, X_Faasd_Function="other.openfaas-fn")
    assert router.activator.requests[-1].all("x-faasd-function") == [name]


def test_no_connection_to_the_activator_is_kept(router: RunningRouter, hello: Origin) -> None:
    router.apply()
    for _ in range(3):
        assert router.get().body == b"activator 0"
    wait_until(lambda: router.activator.connections == 0, 5, "no connection to the activator")
    router.apply(hello.endpoint)
    router.get()
    assert hello.connections == 1


def test_dead_replica_costs_no_request(router: RunningRouter, hello: Origin) -> None:
    gone = Origin("gone").start()
    router.apply(hello.endpoint, gone.endpoint)
    gone.stop()
    answers = [router.send("POST", "/function/hello", body=b"x") for _ in range(10)]
    assert {answer.status for answer in answers} == {200}


def test_dead_last_replica_leads_to_the_activator(router: RunningRouter) -> None:
    gone = Origin("gone").start()
    router.apply(gone.endpoint)
    gone.stop()
    assert router.send("POST", "/function/hello", body=b"xyz").body == b"activator 3"


def test_get_is_tried_again_when_the_connection_drops_and_post_is_not(
    router: RunningRouter, hello: Origin
) -> None:
    router.apply(hello.endpoint)
    assert router.get("/function/hello/drop").status == 502
    tries = len(hello.requests)
    answer = router.send("POST", "/function/hello/drop", body=b"x", X_Call_Id="c-2")
    assert (answer.status, tries > 1, len(hello.requests)) == (502, True, tries + 1)
    assert answer.body == (
        b"The function closed the connection without a whole answer (call c-2).\n"
    )


def test_nothing_running_is_503_in_one_sentence() -> None:
    router = RunningRouter(limits=Limits(activator_tries=1))
    try:
        router.apply()
        router.activator.stop_listening()
        answer = router.get(X_Call_Id="c-3")
        assert (answer.status, answer.headers["x-call-id"]) == (503, "c-3")
        assert re.fullmatch(rb"Nothing that could answer[^\n]+\(call c-3\)\.\n", answer.body)
    finally:
        router.close()


def test_a_call_waits_for_an_activator_that_is_still_starting(router: RunningRouter) -> None:
    router.apply()
    endpoint = router.activator.endpoint
    router.activator.stop_listening()
    with ThreadPoolExecutor() as callers:
        calls = [callers.submit(router.send, "POST", "/function/hello", body=b"xyz") for _ in "12"]
        # Longer than HAProxy's own three tries.
        assert not wait(calls, 6).done
        late = Origin("late", endpoint.port).start()
        try:
            assert {call.result(20).body for call in calls} == {b"late 3"}
            assert len(late.requests) == 2
        finally:
            late.stop()


def test_function_that_answers_too_late_is_504_in_one_sentence(hello: Origin) -> None:
    router = RunningRouter(limits=Limits(service_seconds=1))
    with contextlib.closing(router):
        router.apply(hello.endpoint)
        answer = router.get("/function/hello/wait", X_Call_Id="c-4")
    assert (answer.status, answer.headers["x-call-id"]) == (504, "c-4")
    assert answer.body == b"The function did not answer in time (call c-4).\n"


def test_long_body_is_413_before_it_is_sent(hello: Origin) -> None:
    router = RunningRouter(limits=Limits(body_bytes=10))
    with contextlib.closing(router):
        router.apply(hello.endpoint)
        assert router.send("POST", "/function/hello", body=b"0123456789").status == 200
        answer = router.send("POST", "/function/hello", body=b"01234567890", X_Call_Id="c-5")
    assert (answer.status, len(hello.requests)) == (413, 1)
    assert b"longer than this node takes (call c-5)" in answer.body
