"""Headers that pass, that are added, and that end at the node."""

import re
import time
from urllib.parse import urlsplit

import pytest

from tests.conformance.scene import Function

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HOP_BY_HOP = {
    "Connection": "close",
    "Keep-Alive": "timeout=5",
    "Proxy-Authorization": "Basic eDp5",
    "Proxy-Connection": "close",
    "TE": "trailers",
}


def test_a_caller_s_header_reaches_it(echo: Function) -> None:
    sent = {"X-Colour": "red", "Content-Type": "text/x-mine", "User-Agent": "conformance"}

    seen = echo.seen("POST", body=b"x", headers=sent)["headers"]

    assert {name.lower(): value for name, value in sent.items()}.items() <= seen.items()


def test_an_authorization_is_the_function_s_own_matter(echo: Function) -> None:
    seen = echo.seen(headers={"Authorization": "Bearer mine"})

    assert seen["headers"]["authorization"] == "Bearer mine"


def test_its_content_type_reaches_the_caller(echo: Function) -> None:
    assert echo.call().expect(200).headers["content-type"] == "application/json"


def test_a_call_id_is_kept(echo: Function) -> None:
    answer = echo.call(headers={"X-Call-Id": "c0ffee-1"}).expect(200)

    assert answer.headers["x-call-id"] == "c0ffee-1"
    assert answer.json["headers"]["x-call-id"] == "c0ffee-1"


def test_a_call_id_is_made_where_there_is_none(echo: Function) -> None:
    answers = [echo.call().expect(200) for _ in range(2)]

    for answer in answers:
        assert UUID.fullmatch(answer.headers["x-call-id"])
        assert answer.json["headers"]["x-call-id"] == answer.headers["x-call-id"]
    assert len({answer.headers["x-call-id"] for answer in answers}) == 2


def test_the_start_of_the_call_is_told_to_both(echo: Function) -> None:
    answer = echo.call().expect(200)

    start = int(answer.headers["x-start-time"])
    assert answer.json["headers"]["x-start-time"] == str(start)
    assert abs(start / 1e9 - time.time()) < 3600


def test_the_duration_of_the_call_is_told(echo: Function) -> None:
    assert 0 <= float(echo.call().expect(200).headers["x-duration-seconds"]) < 60


def test_it_is_told_who_called_and_what_host(echo: Function) -> None:
    seen = echo.seen()["headers"]

    assert seen["x-forwarded-for"]
    assert seen["x-forwarded-host"] == urlsplit(echo.client.url).netloc


def test_a_proxy_before_the_node_is_kept_in_the_list(echo: Function) -> None:
    seen = echo.seen(headers={"X-Forwarded-For": "192.0.2.7"})["headers"]

    assert seen["x-forwarded-for"].startswith("192.0.2.7")


@pytest.mark.parametrize("name", [name for name in HOP_BY_HOP if name != "Connection"])
def test_what_is_for_one_hop_ends_there(echo: Function, name: str) -> None:
    seen = echo.seen(headers={**HOP_BY_HOP, "X-Stays": "1"})["headers"]

    assert name.lower() not in seen
    assert seen["x-stays"] == "1"
