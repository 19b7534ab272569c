"""Whatever a client sends, it is told what is wrong, by field, and never sees a 500."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.provider.running import NAMESPACE, RunningProvider

BODIES = [
    ("POST", "/system/functions"),
    ("PUT", "/system/functions"),
    ("DELETE", "/system/functions"),
    ("POST", "/system/scale-function/echo"),
    ("POST", "/system/secrets"),
    ("PUT", "/system/secrets"),
    ("DELETE", "/system/secrets"),
    ("POST", "/system/namespace"),
    ("PUT", f"/system/namespace/{NAMESPACE}"),
]
QUERIES = [
    ("/system/functions", "namespace"),
    ("/system/function/echo", "namespace"),
    ("/system/function/echo", "usage"),
    ("/system/secrets", "namespace"),
    ("/system/logs", "name"),
    ("/system/logs", "namespace"),
    ("/system/logs", "instance"),
    ("/system/logs", "tail"),
    ("/system/logs", "since"),
]
PATHS = ["/system/function/", "/system/namespace/", "/function/", "/system/function/echo."]

MALFORMED = {
    "nothing": b"",
    "half": b'{"service": ',
    "deep": b'{"a":' * 100_000,
    "deep lists": b"[" * 500_000,
    "nan": b'{"replicas": NaN}',
    "infinity": b'{"replicas": -Infinity}',
    "many digits": b'{"replicas": ' + b"9" * 10_000 + b"}",
    "no utf-8": b'{"service": "\xff"}',
    "utf-16": '{"service": "a"}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "twice": b'{"name": "a", "name": "b"}',
    "twice within": b'{"labels": {"a": "1", "a": "2"}}',
    "NUL": b"{\0}",
    "two documents": b"{}{}",
    "text": b'"text"',
    "list": b"[]",
    "null": b"null",
    "number": b"7",
}
ODD: list[object] = [
    True,
    -1,
    1.5,
    10**30,
    1e308,
    [],
    {},
    ["x"],
    {"a": {"b": []}},
    "",
    " ",
    "a\0b",
    "../../etc",
    "a" * 100_000,
    "\N{COMBINING ACUTE ACCENT}",
    "\u202e",
    "💥",
    "%s%n{0}",
    "A",
    "-a",
    "a-",
    "a..b",
    "a\nb",
    "\ud800",
]
FIELDS = [
    *("service", "image", "namespace", "envProcess", "envVars", "constraints", "secrets"),
    *("labels", "annotations", "limits", "requests", "readOnlyRootFilesystem"),
    *("functionName", "serviceName", "replicas", "name", "value", "rawValue"),
]
FINE = {
    "service": "echo",
    "functionName": "ghost",
    "image": "serve",
    "replicas": 1,
    "name": "some",
    "value": "x",
}


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_malformed_body_is_told(provider: RunningProvider, method: str, path: str) -> None:
    for what, body in MALFORMED.items():
        answer = provider.client.open(path, method=method, data=body)
        assert answer.status_code == 400, (what, answer.status_code, answer.text)
        assert "body" in answer.text
        assert len(answer.text) < 400


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_an_odd_value_in_any_field_is_told_by_the_field_or_is_fine(
    provider: RunningProvider, method: str, path: str
) -> None:
    for field in FIELDS:
        for value in ODD:
            body = json.dumps({**FINE, field: value})
            answer = provider.client.open(path, method=method, data=body)
            assert answer.status_code < 500, (field, value, answer.text)
            assert len(answer.text) < 1000
            if answer.status_code == 400:
                assert field in answer.text or "not" in answer.text, (value, answer.text)


@pytest.mark.parametrize(("path", "field"), QUERIES)
def test_an_odd_argument_is_told_by_its_name_or_is_fine(
    provider: RunningProvider, path: str, field: str
) -> None:
    for value in ODD:
        asked = {"name": "echo"} | {field: str(value).encode(errors="replace")}
        answer = provider.client.get(path, query_string=asked)
        assert answer.status_code < 500, (value, answer.text)
        if answer.status_code == 400:
            assert field in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_an_odd_name_in_a_path_is_refused(provider: RunningProvider, path: str) -> None:
    for value in ODD:
        text = str(value).encode(errors="replace").decode()
        answer = provider.client.get(path + "".join(f"%{byte:02x}" for byte in text.encode()))
        assert answer.status_code in (400, 404, 405), (value, answer.text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@given(body=st.dictionaries(st.sampled_from(FIELDS), json_values))
@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_json_is_answered(provider: RunningProvider, body: dict[str, object]) -> None:
    for method, path in BODIES:
        answer = provider.client.open(path, method=method, data=json.dumps(body))
        assert answer.status_code < 500, answer.text
