"""What is not there, and who may not ask."""

import pytest

from tests.conformance.client import Client
from tests.conformance.scene import Function, Scene
from tests.conformance.settings import Settings

SYSTEM = [
    ("GET", "/system/info"),
    ("GET", "/system/functions"),
    ("POST", "/system/functions"),
    ("PUT", "/system/functions"),
    ("DELETE", "/system/functions"),
    ("GET", "/system/function/x"),
    ("POST", "/system/scale-function/x"),
    ("GET", "/system/secrets"),
    ("POST", "/system/secrets"),
    ("PUT", "/system/secrets"),
    ("DELETE", "/system/secrets"),
    ("GET", "/system/logs?name=x"),
    ("GET", "/system/namespaces"),
    ("GET", "/system/namespace/x"),
    ("POST", "/system/namespace/x"),
]


@pytest.mark.parametrize(("method", "path"), SYSTEM)
def test_without_a_login_nothing_is_told(stranger: Client, method: str, path: str) -> None:
    answer = stranger.call(method, path).expect(401)

    assert answer.headers["www-authenticate"].lower().startswith("basic realm=")
    assert answer.text.strip()


@pytest.mark.parametrize("login", ["{user}:wrong", "nobody:{password}", "{user}:", ":"])
def test_with_a_wrong_login_neither(settings: Settings, login: str) -> None:
    guess = login.format(user=settings.user, password=settings.password)

    Client(settings.url, guess).call("GET", "/system/functions").expect(401)


def test_a_refused_deployment_leaves_nothing(
    scene: Scene, stranger: Client, settings: Settings
) -> None:
    function = scene.unknown("refused")
    body = function.fields(image=settings.images["serve"])

    stranger.call("POST", "/system/functions", body).expect(401)

    function.describe().expect(404)


def test_health_needs_no_login(stranger: Client) -> None:
    stranger.call("GET", "/healthz").expect(200)


def test_info_tells_what_answers(client: Client) -> None:
    info = client.call("GET", "/system/info").expect(200).json

    assert info["arch"]
    assert info["provider"]["provider"]
    assert info["provider"]["orchestration"]
    assert {"sha", "release"} <= info["provider"]["version"].keys()


def test_a_function_that_is_not_there_is_404_everywhere(scene: Scene) -> None:
    function: Function = scene.unknown("missing")

    function.call().expect(404)
    function.call("POST", "/a?b=c", b"x").expect(404)
    function.describe().expect(404)
    function.delete().expect(404)
    function.scale(1).expect(404)


def test_a_path_that_is_not_there_is_404(client: Client) -> None:
    client.call("GET", "/system/no-such-thing").expect(404)


def test_an_unknown_image_is_refused_or_never_ready(scene: Scene) -> None:
    function = scene.unknown("no-image")
    missing = scene.settings.images["serve"].rpartition(":")[0] + ":no-such-tag"

    answer = function.deploy(image=missing)

    if answer.status not in (200, 202):
        assert 400 <= answer.status < 500, str(answer)
        function.describe().expect(404)
    else:
        assert function.status()["availableReplicas"] == 0


@pytest.mark.parametrize(
    ("label", "labels"),
    [
        ("min", {"min": "3", "max": "2"}),
        ("min", {"min": "-1"}),
        ("max", {"max": "1000000"}),
        ("type", {"type": "mood"}),
        ("target", {"target": "0"}),
        ("factor", {"factor": "101"}),
        ("zero", {"zero": "perhaps"}),
        ("zero-duration", {"zero-duration": "soon"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_labels_of_scaling_that_cannot_be_are_refused_by_name(
    scene: Scene, label: str, labels: dict[str, str]
) -> None:
    function = scene.unknown("absurd")
    named = {f"com.openfaas.scale.{name}": value for name, value in labels.items()}

    answer = function.deploy(image=scene.settings.images["serve"], labels=named)

    answer.expect(422)
    assert f"com.openfaas.scale.{label}" in answer.text
    function.describe().expect(404)
