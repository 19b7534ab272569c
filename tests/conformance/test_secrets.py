"""Secrets: stored, listed without their values, seen by functions, replaced, deleted."""

import pytest

from tests.conformance.scene import DONE, NAMESPACE, Scene

EVERY_BYTE = bytes(range(256))


def test_a_function_sees_a_secret_s_text(scene: Scene) -> None:
    name = scene.secret("text", "line one\nline two\t \N{SNOWMAN}")

    function = scene.function("reader", secrets=[name])

    seen = function.seen()["secrets"][name].encode("latin-1")
    assert seen.decode() == "line one\nline two\t \N{SNOWMAN}"
    assert function.status()["secrets"] == [name]


def test_a_function_sees_a_secret_s_bytes(scene: Scene) -> None:
    name = scene.secret("bytes", EVERY_BYTE)

    function = scene.function("reader", secrets=[name])

    assert function.seen()["secrets"][name].encode("latin-1") == EVERY_BYTE


def test_a_function_sees_no_other_secret(scene: Scene) -> None:
    mine, other = scene.secret("mine", "a"), scene.secret("other", "b")

    function = scene.function("reader", secrets=[mine])

    assert list(function.seen()["secrets"]) == [mine]
    assert other not in function.describe().text


def test_secrets_are_listed_without_their_values(scene: Scene) -> None:
    before = scene.secrets()
    name = scene.secret("listed", "not to be told")

    answer = scene.client.call("GET", f"/system/secrets?namespace={NAMESPACE}").expect(*DONE)

    assert name not in [secret["name"] for secret in before]
    assert name in [secret["name"] for secret in answer.json]
    assert "not to be told" not in answer.text


def test_a_status_does_not_tell_a_secret(scene: Scene) -> None:
    name = scene.secret("quiet", "not to be told")

    function = scene.function("reader", secrets=[name])

    assert "not to be told" not in function.describe().text


def test_an_updated_secret_is_seen_by_what_is_deployed_after(scene: Scene) -> None:
    name = scene.secret("changing", "old")

    scene.update_secret(name, b"new \x00\xff").expect(*DONE)

    function = scene.function("reader", secrets=[name])
    assert function.seen()["secrets"][name] == "new \x00\xff"


def test_a_secret_that_exists_is_not_made_again(scene: Scene) -> None:
    name = scene.secret("once", "first")
    body = {"name": name, "namespace": NAMESPACE, "value": "second"}

    scene.client.call("POST", "/system/secrets", body).expect(409)

    assert scene.function("reader", secrets=[name]).seen()["secrets"][name] == "first"


def test_a_deleted_secret_is_not_listed(scene: Scene) -> None:
    name = scene.secret("short-lived", "x")

    scene.delete_secret(name).expect(*DONE)

    assert name not in [secret["name"] for secret in scene.secrets()]


def test_a_secret_that_is_not_there_is_neither_updated_nor_deleted(scene: Scene) -> None:
    scene.update_secret(scene.name("missing"), "x").expect(404)
    scene.delete_secret(scene.name("missing")).expect(404)


def test_a_missing_secret_refuses_the_deployment_and_is_named(scene: Scene) -> None:
    missing = scene.name("missing")
    function = scene.unknown("reader")

    answer = function.deploy(image=scene.settings.images["serve"], secrets=[missing])

    assert 400 <= answer.status < 500, str(answer)
    assert missing in answer.text
    function.describe().expect(404)


@pytest.mark.parametrize("name", ["../../escape", "a/b", "", ".", ".."])
def test_a_secret_s_name_is_no_path(scene: Scene, name: str) -> None:
    body = {"name": name, "namespace": NAMESPACE, "value": "x"}

    scene.client.call("POST", "/system/secrets", body).expect(400)
