"""Calling a function: verbs, paths, queries, bodies, statuses, redirects."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conformance.scene import Function

BODIES = ("POST", "PUT", "PATCH", "DELETE")
EVERY_BYTE = bytes(range(256))


@pytest.mark.parametrize("method", ["GET", *BODIES, "OPTIONS"])
def test_every_verb_reaches_it(echo: Function, method: str) -> None:
    assert echo.seen(method)["method"] == method


def test_head_is_answered_without_a_body(echo: Function) -> None:
    answer = echo.call("HEAD").expect(200)

    assert answer.body == b""


@pytest.mark.parametrize("method", BODIES)
def test_a_body_passes_with_every_byte(echo: Function, method: str) -> None:
    seen = echo.seen(method, body=EVERY_BYTE)

    assert seen["body"].encode("latin-1") == EVERY_BYTE


def test_a_large_body_passes_whole(echo: Function) -> None:
    body = b"0123456789abcdef" * 2**15

    assert echo.seen("POST", body=body)["body"].encode() == body


def test_without_a_body_it_gets_none(echo: Function) -> None:
    assert echo.seen("POST")["body"] == ""


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/a",
        "/a/b/c",
        "/a/",
        "/with%20space",
        "/slash%2Finside",
        "/%C3%BC",
        "/.well-known/x",
        "/a:b@c,d;e=f",
        "/function/inner",
        "/system/functions",
    ],
)
def test_its_path_is_what_follows_its_name(echo: Function, path: str) -> None:
    assert echo.seen(path=path)["path"] == path


def test_without_a_path_it_sees_the_root(echo: Function) -> None:
    assert echo.seen()["path"] == "/"


@pytest.mark.parametrize(
    "query",
    ["?a=b", "?a=b&a=c", "?flag", "?q=%20%2F%3F%26", "?empty=", "?x=1+2", "?u=http://x/y?z"],
)
def test_its_query_is_the_caller_s(echo: Function, query: str) -> None:
    assert echo.seen(path=f"/p{query}")["path"] == f"/p{query}"


def test_a_query_without_a_path_reaches_it(echo: Function) -> None:
    assert echo.seen(path="?a=b")["path"] == "/?a=b"


@pytest.mark.parametrize("status", [201, 202, 400, 401, 403, 404, 409, 418, 429, 500, 503])
def test_its_status_is_passed(echo: Function, status: int) -> None:
    answer = echo.call("POST", headers={"X-Want-Status": str(status)}).expect(status)

    assert answer.json["method"] == "POST"  # It is the function's own, with its body.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_its_redirect_is_passed_and_not_followed(echo: Function, status: int) -> None:
    there = "http://127.0.0.1:1/elsewhere?a=b"
    headers = {"X-Want-Status": str(status), "X-Want-Location": there}

    answer = echo.call(headers=headers).expect(status)

    assert answer.headers["location"] == there


def test_its_name_may_have_its_namespace(echo: Function) -> None:
    answer = echo.caller.call("GET", f"/function/{echo.name}.{echo.namespace}/a?b=c").expect(200)

    assert answer.json["path"] == "/a?b=c"


def test_it_needs_no_login_and_sees_none(echo: Function) -> None:
    assert "authorization" not in echo.seen()["headers"]


def test_many_callers_at_once_each_get_their_own_answer(echo: Function) -> None:
    def ask(number: int) -> bool:
        body = f"caller {number}".encode()
        return bool(echo.seen("POST", body=body)["body"] == body.decode())

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(40)))
