"""Headers on their way through the proxy."""

from hypothesis import given
from hypothesis import strategies as st

from faasd.http.hops import HOP_BY_HOP
from provider_app.domain.forwarding import (
    Call,
    answered_headers,
    forwarded_headers,
    pick_call_id,
)

CALL = Call(id="one", start=17, caller="10.0.0.9", host="node:8081")
NAMES = st.sampled_from([*sorted(HOP_BY_HOP), "Accept", "X-Call-Id", "Cookie", "Content-Type"])


def test_a_function_learns_who_called_it_and_when() -> None:
    headers = dict(forwarded_headers([("Host", "node:8081"), ("Accept", "*/*")], CALL))

    assert headers == {
        "Accept": "*/*",
        "Host": "node:8081",
        "X-Call-Id": "one",
        "X-Start-Time": "17",
        "X-Forwarded-For": "10.0.0.9",
        "X-Forwarded-Host": "node:8081",
    }


def test_proxies_before_are_kept_in_the_chain() -> None:
    given_headers = [("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-Host", "example.com")]
    headers = dict(forwarded_headers(given_headers, CALL))

    assert headers["X-Forwarded-For"] == "1.2.3.4, 10.0.0.9"
    assert headers["X-Forwarded-Host"] == "example.com"


def test_headers_that_connection_names_are_for_the_next_hop_only() -> None:
    names = [
        name for name, _ in forwarded_headers([("Connection", "x-a, X-B"), ("X-A", "1")], CALL)
    ]

    assert "X-A" not in names
    assert "Connection" not in names


def test_an_answer_carries_the_call_and_its_duration_once() -> None:
    answered = answered_headers([("x-call-id", "theirs"), ("Set-Cookie", "a")] * 2, CALL, 0.5)

    assert answered == [
        ("Set-Cookie", "a"),
        ("Set-Cookie", "a"),
        ("X-Call-Id", "one"),
        ("X-Start-Time", "17"),
        ("X-Duration-Seconds", "0.500000"),
    ]


@given(st.lists(st.tuples(NAMES, st.text("abc, -", max_size=9))))
def test_no_hop_by_hop_header_passes(headers: list[tuple[str, str]]) -> None:
    for passed in (forwarded_headers(headers, CALL), answered_headers(headers, CALL, 0.1)):
        names = [name.lower() for name, _ in passed]
        assert not HOP_BY_HOP & set(names)
        assert names.count("x-call-id") == 1


def test_a_callers_id_is_kept_if_it_is_a_sensible_one() -> None:
    assert pick_call_id("mine-7", "fresh") == "mine-7"
    assert pick_call_id(None, "fresh") == "fresh"
    assert pick_call_id("", "fresh") == "fresh"
    assert pick_call_id("a\r\nb", "fresh") == "fresh"
    assert pick_call_id("x" * 129, "fresh") == "fresh"
