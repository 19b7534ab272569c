"""Who may ask, and how what is wrong is answered."""

import pytest

from provider_app.api.parts import MAX_BODY
from tests.unit.provider.running import RunningProvider, json_of

PROTECTED = [
    ("GET", "/system/info"),
    ("GET", "/system/functions"),
    ("POST", "/system/functions"),
    ("PUT", "/system/functions"),
    ("DELETE", "/system/functions"),
    ("GET", "/system/function/echo"),
    ("POST", "/system/scale-function/echo"),
    ("GET", "/system/secrets"),
    ("GET", "/system/nothing"),
]
WITH_BODY = [
    ("POST", "/system/functions"),
    ("PUT", "/system/functions"),
    ("DELETE", "/system/functions"),
    ("POST", "/system/scale-function/echo"),
    ("POST", "/system/secrets"),
]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
@pytest.mark.parametrize("header", ["", "Basic", "Basic !", "Basic YWRtaW46d3Jvbmc=", "Bearer x"])
def test_without_the_login_nothing_is_told(
    provider: RunningProvider, method: str, path: str, header: str
) -> None:
    provider.client.environ_base["HTTP_AUTHORIZATION"] = header

    answer = provider.client.open(path, method=method)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert answer.content_type.startswith("text/plain")
    assert 0 < len(answer.text) < 100


def test_health_is_open(provider: RunningProvider) -> None:
    del provider.client.environ_base["HTTP_AUTHORIZATION"]

    assert provider.client.get("/healthz").status_code == 200


def test_info_tells_what_clients_print(provider: RunningProvider) -> None:
    info = json_of(provider.client.get("/system/info"))

    assert info["provider"]["provider"] == "faasd"
    assert info["provider"]["orchestration"] == "containerd"
    assert info["provider"]["version"]["release"] == info["version"]["release"]
    assert info["arch"] == "amd64"


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b'"echo"', b"7", b"\xff\xfe", b"[" * 100_000, b"{}"]
)
def test_a_body_that_is_no_such_object_is_refused_in_a_sentence(
    provider: RunningProvider, method: str, path: str, body: bytes
) -> None:
    answer = provider.client.open(path, method=method, data=body)

    assert answer.status_code == 400
    assert answer.content_type.startswith("text/plain")
    assert answer.text.strip()
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
def test_a_body_that_is_too_large_is_refused(
    provider: RunningProvider, method: str, path: str
) -> None:
    answer = provider.client.open(path, method=method, data=b" " * (MAX_BODY + 1))

    assert answer.status_code == 413


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "x/y;z"])
def test_json_is_read_whatever_its_content_type_says(provider: RunningProvider, kind: str) -> None:
    answer = provider.client.post(
        "/system/functions", data=b'{"service": "echo", "image": "serve"}', content_type=kind
    )

    assert answer.status_code == 202
    assert answer.data == b""


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/system/functions", {"service": "ghost", "image": "serve"}),
        ("DELETE", "/system/functions", {"functionName": "ghost"}),
        ("POST", "/system/scale-function/ghost", {"replicas": 1}),
        ("GET", "/system/function/ghost", None),
        ("GET", "/function/ghost", None),
    ],
)
def test_what_does_not_exist_is_not_found_by_name(
    provider: RunningProvider, method: str, path: str, body: object
) -> None:
    answer = provider.client.open(path, method=method, json=body)

    assert answer.status_code == 404
    assert "ghost" in answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"replicas": -1}, 400),
        ({"replicas": 1.5}, 400),
        ({"replicas": "2"}, 400),
        ({"replicas": True}, 400),
        ({"replicas": None}, 400),
        ({"serviceName": "other", "replicas": 1}, 400),
        ({"replicas": 10**9}, 422),
        ({"replicas": 1, "namespace": "Not One"}, 400),
    ],
)
def test_a_scale_that_cannot_be_is_refused_and_changes_nothing(
    provider: RunningProvider, body: object, status: int
) -> None:
    provider.deploy_ready()

    answer = provider.client.post("/system/scale-function/echo", json=body)

    assert answer.status_code == status
    assert provider.status()["replicas"] == 1


def test_a_malformed_deploy_stores_nothing(provider: RunningProvider) -> None:
    for body in ({"service": "UP", "image": "serve"}, {"service": "echo", "image": "a b"}):
        assert provider.client.post("/system/functions", json=body).status_code == 400

    assert json_of(provider.client.get("/system/functions")) == []
    assert provider.is_empty()


def test_methods_and_paths_that_are_not_there_are_answered_in_a_sentence(
    provider: RunningProvider,
) -> None:
    unknown = provider.client.get("/system/nothing")
    wrong = provider.client.patch("/system/functions")

    assert (unknown.status_code, wrong.status_code) == (404, 405)
    assert "POST" in wrong.headers["Allow"]
    assert all(a.content_type.startswith("text/plain") for a in (unknown, wrong))


def test_a_namespace_in_the_query_counts_where_the_body_names_none(
    provider: RunningProvider,
) -> None:
    provider.world.namespaces["staging"] = {"openfaas": "true"}
    body = {"service": "echo", "image": "serve"}

    assert provider.client.post("/system/functions?namespace=staging", json=body).status_code == 202

    assert provider.client.get("/system/function/echo?namespace=staging").status_code == 200
    assert provider.client.get("/system/function/echo").status_code == 404
