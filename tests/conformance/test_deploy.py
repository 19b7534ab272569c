"""Deploying, listing, describing and deleting."""

from datetime import datetime

import pytest

from tests.conformance.client import Client, Json
from tests.conformance.scene import DONE, NAMESPACE, Scene

QUANTITIES: dict[str, Json] = {
    "limits": {"memory": "64Mi", "cpu": "500m"},
    "requests": {"memory": "16Mi"},
}


def test_a_name_and_an_image_are_enough(scene: Scene) -> None:
    function = scene.function("plain")

    assert function.call().status == 200


def test_its_status_says_what_it_is(scene: Scene) -> None:
    function = scene.function("status")
    status = function.status()

    assert (status["name"], status["namespace"]) == (function.name, NAMESPACE)
    assert status["image"] == scene.settings.images["serve"]
    assert (status["replicas"], status["availableReplicas"]) == (1, 1)
    assert isinstance(status["invocationCount"], int)
    assert datetime.fromisoformat(status["createdAt"]).tzinfo is not None


def test_labels_and_annotations_are_kept(scene: Scene) -> None:
    labels = {"team": "a", "example.com/tier": "b"}
    annotations = {"topic": "a,b", "com.example/note": "any text: ü \N{SNOWMAN} {}"}
    function = scene.function("labelled", labels=labels, annotations=annotations)

    for status in (function.status(), scene.functions()[function.name]):
        assert labels.items() <= status["labels"].items()
        assert annotations.items() <= status["annotations"].items()


@pytest.mark.parametrize("nothing", [{}, None])
def test_labels_and_annotations_may_be_empty(scene: Scene, nothing: Json) -> None:
    scene.function("bare", labels=nothing, annotations=nothing, envVars=nothing)


def test_a_namespace_that_is_left_out_is_the_default_one(scene: Scene) -> None:
    function = scene.unknown("default")
    body = {"service": function.name, "image": scene.settings.images["serve"]}
    scene.client.call("POST", "/system/functions", body).expect(*DONE)

    function.wait_ready()

    assert function.status()["namespace"] == NAMESPACE


def test_environment_variables_reach_it(scene: Scene) -> None:
    env = {"COLOUR": "blue", "WITH_SPACE": "a b", "EMPTY": "", "SIGNS": "a=b;'\"$c"}
    function = scene.function("env", envVars=env)

    assert env.items() <= function.seen()["env"].items()
    assert function.status()["envVars"] == env


def test_an_environment_variable_replaces_the_image_s(scene: Scene) -> None:
    before = scene.function("before").seen()["env"]["VERSION"]
    after = scene.function("after", envVars={"VERSION": "mine"}).seen()["env"]["VERSION"]

    assert (before, after) == ("1", "mine")


def test_env_process_reaches_it_as_fprocess(scene: Scene) -> None:
    function = scene.function("process", envProcess="wc -l")

    assert function.seen()["env"]["fprocess"] == "wc -l"
    assert function.status()["envProcess"] == "wc -l"


def test_limits_and_requests_are_kept(scene: Scene) -> None:
    status = scene.function("limits", **QUANTITIES).status()

    assert {key: status[key] for key in QUANTITIES} == QUANTITIES


def test_with_a_read_only_root_it_can_write_to_tmp(scene: Scene) -> None:
    function = scene.function(
        "read-only", "watchdog", envProcess="keep", readOnlyRootFilesystem=True
    )

    function.call("POST", body=b"kept for a while").expect(200)

    assert "kept for a while" in function.call().expect(200).text
    assert function.status()["readOnlyRootFilesystem"] is True


def test_usage_is_told_on_request(scene: Scene) -> None:
    function = scene.function("usage")
    answer = scene.client.call(
        "GET", f"/system/function/{function.name}?namespace={NAMESPACE}&usage=true"
    )

    usage = answer.expect(200).json["usage"]

    assert usage["totalMemoryBytes"] > 0
    assert usage["cpu"] >= 0


def test_it_is_listed_from_its_deployment_to_its_deletion(scene: Scene) -> None:
    before = scene.functions()
    function = scene.function("listed")
    during = scene.functions()

    function.delete().expect(*DONE)
    function.wait(function.is_gone, f"{function.name} to be gone")
    after = scene.functions()

    assert function.name not in before
    assert function.name in during
    assert function.name not in after


def test_a_deleted_name_can_be_deployed_again(scene: Scene) -> None:
    function = scene.function("again", envVars={"TRY": "1"})
    function.delete().expect(*DONE)
    function.wait(function.is_gone, f"{function.name} to be gone")

    function.deploy(image=scene.settings.images["serve"], envVars={"TRY": "2"}).expect(*DONE)

    assert function.wait_ready().seen()["env"]["TRY"] == "2"


def test_two_functions_do_not_see_one_another(scene: Scene) -> None:
    one = scene.function("one", envVars={"WHO": "one"})
    two = scene.function("two", envVars={"WHO": "two"})

    assert [function.seen()["env"]["WHO"] for function in (one, two)] == ["one", "two"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"service": ""},
        {"service": "Has_Capitals"},
        {"service": "../../etc"},
        {"service": "a" * 64},
        {"image": ""},
        {"image": "no image at all"},
        {"envVars": "a=b"},
        {"labels": ["a"]},
        {"limits": {"memory": "much"}},
    ],
    ids=str,
)
def test_a_malformed_deployment_is_refused(scene: Scene, wrong: Json) -> None:
    function = scene.unknown("wrong")
    body = {**function.fields(image=scene.settings.images["serve"]), **wrong}

    answer = scene.client.call("POST", "/system/functions", body).expect(400)

    assert answer.text.strip()
    function.describe().expect(404)


def test_what_is_no_json_is_refused(client: Client) -> None:
    for method in ("POST", "PUT", "DELETE"):
        client.call(method, "/system/functions", b"{no json").expect(400)
