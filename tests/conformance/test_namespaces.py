"""Namespaces for functions: made, listed, deployed into, deleted."""

from tests.conformance.client import Client
from tests.conformance.scene import DONE, NAMESPACE, Scene


def test_the_default_namespace_is_listed(client: Client) -> None:
    assert NAMESPACE in client.call("GET", "/system/namespaces").expect(200).json


def test_a_namespace_is_listed_from_its_making_to_its_deletion(scene: Scene) -> None:
    before = names(scene)
    namespace = scene.namespace("space")
    during = names(scene)

    scene.client.call("DELETE", f"/system/namespace/{namespace}", {"name": namespace}).expect(*DONE)

    assert namespace not in before
    assert namespace in during
    assert namespace not in names(scene)


def test_its_labels_and_annotations_are_kept(scene: Scene) -> None:
    labels = {"openfaas": "true", "team": "a"}
    namespace = scene.namespace("space", labels=labels, annotations={"note": "b"})

    found = scene.client.call("GET", f"/system/namespace/{namespace}").expect(*DONE).json

    assert found["name"] == namespace
    assert labels.items() <= found["labels"].items()
    assert found["annotations"]["note"] == "b"


def test_its_labels_and_annotations_are_updated(scene: Scene) -> None:
    namespace = scene.namespace("space", annotations={"note": "b"})
    body = {
        "name": namespace,
        "labels": {"openfaas": "true", "team": "c"},
        "annotations": {"note": "d"},
    }

    scene.client.call("PUT", f"/system/namespace/{namespace}", body).expect(*DONE)

    found = scene.client.call("GET", f"/system/namespace/{namespace}").expect(*DONE).json
    assert found["labels"]["team"] == "c"
    assert found["annotations"]["note"] == "d"


def test_one_that_exists_is_not_made_again(scene: Scene) -> None:
    namespace = scene.namespace("space")
    body = {"name": namespace, "labels": {"openfaas": "true"}}

    scene.client.call("POST", f"/system/namespace/{namespace}", body).expect(409)


def test_one_that_is_not_there_is_404(scene: Scene) -> None:
    path = f"/system/namespace/{scene.name('missing')}"
    body = {"name": scene.name("missing"), "labels": {"openfaas": "true"}}

    scene.client.call("GET", path).expect(404)
    scene.client.call("PUT", path, body).expect(404)
    scene.client.call("DELETE", path, body).expect(404)


def test_the_default_one_cannot_be_deleted(client: Client) -> None:
    path = f"/system/namespace/{NAMESPACE}"

    answer = client.call("DELETE", path, {"name": NAMESPACE})

    assert 400 <= answer.status < 500, str(answer)
    assert NAMESPACE in client.call("GET", "/system/namespaces").expect(200).json


def test_a_function_is_called_by_its_name_and_namespace(scene: Scene) -> None:
    namespace = scene.namespace("space")

    function = scene.function("inside", namespace=namespace)

    assert function.seen(path="/a?b=c")["path"] == "/a?b=c"
    assert function.status()["namespace"] == namespace
    scene.client.call("GET", f"/function/{function.name}").expect(404)


def test_a_function_is_listed_in_its_namespace_only(scene: Scene) -> None:
    namespace = scene.namespace("space")

    function = scene.function("inside", namespace=namespace)

    assert list(scene.functions(namespace)) == [function.name]
    assert function.name not in scene.functions()


def test_the_same_name_in_two_namespaces_is_two_functions(scene: Scene) -> None:
    namespace = scene.namespace("space")
    outside = scene.function("same", envVars={"WHERE": "outside"})
    inside = scene.function("same", namespace=namespace, envVars={"WHERE": "inside"})

    assert outside.seen()["env"]["WHERE"] == "outside"
    assert inside.seen()["env"]["WHERE"] == "inside"
    inside.delete().expect(*DONE)
    inside.wait(inside.is_gone, "the inner one to be gone")
    outside.call().expect(200)


def test_secrets_are_each_namespace_s_own(scene: Scene) -> None:
    namespace = scene.namespace("space")
    name = scene.secret("key", "outer")
    scene.secret("key", "inner", namespace)

    function = scene.function("inside", namespace=namespace, secrets=[name])

    assert function.seen()["secrets"] == {name: "inner"}
    assert [secret["name"] for secret in scene.secrets(namespace)] == [name]


def test_a_function_inside_is_scaled_and_wakes(scene: Scene) -> None:
    function = scene.function("inside", namespace=scene.namespace("space"))

    function.scale(0).expect(*DONE)
    function.wait_replicas(0)

    function.call().expect(200)


def test_a_deployment_into_a_namespace_that_is_not_there_is_refused(scene: Scene) -> None:
    function = scene.unknown("lost", scene.name("missing"))

    answer = function.deploy(image=scene.settings.images["serve"])

    assert 400 <= answer.status < 500, str(answer)


def names(scene: Scene) -> list[str]:
    found: list[str] = scene.client.call("GET", "/system/namespaces").expect(200).json
    return found
