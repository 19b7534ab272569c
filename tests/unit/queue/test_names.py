"""Subjects and headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.queue.names import async_subject, dead_subject, function_key, split_name
from faasd.queue.passing import end_to_end

LABEL = st.from_regex(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", fullmatch=True)


@given(LABEL, LABEL)
def test_subjects_tell_the_function(function: str, namespace: str) -> None:
    key = f"{function}.{namespace}"
    subject = async_subject(key)
    assert subject == f"faasd.async.{namespace}.{function}"
    assert dead_subject(subject) == f"faasd.dead.{namespace}.{function}"
    assert function_key(subject) == function_key(dead_subject(subject)) == key


@pytest.mark.parametrize(
    ("name", "parts"),
    [("echo", ("echo", "openfaas-fn")), ("echo.dev", ("echo", "dev")), ("a.b.c", ("a", "b.c"))],
)
def test_a_name_may_have_its_namespace(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


def test_what_ends_at_the_next_hop_is_left_out() -> None:
    given_headers = [
        ("Connection", "close, X-Mine"),
        ("x-mine", "1"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "3"),
        ("Cookie", "a"),
        ("X-Secret", "no"),
        ("Cookie", "b"),
    ]
    kept = end_to_end(given_headers, frozenset(("x-secret",)))
    assert kept == (("Cookie", "a"), ("Cookie", "b"))
