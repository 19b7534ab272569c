"""Namespaces over the API: made, told, changed, and removed with all that is in them."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.provider.running import NAMESPACE, RunningProvider, eventually, json_of

ALL, ONE = "/system/namespaces", "/system/namespace/staging"


def create(provider: RunningProvider, **more: object) -> int:
    return provider.client.post(ONE, json={"name": "staging", **more}).status_code


def names(provider: RunningProvider) -> list[str]:
    found: list[str] = json_of(provider.client.get(ALL))
    return found


def is_gone(provider: RunningProvider) -> bool:
    return provider.client.get(ONE).status_code == 404 and "staging" not in names(provider)


@pytest.fixture
def staging(provider: RunningProvider) -> RunningProvider:
    """A provider with a second namespace."""
    assert create(provider, labels={"team": "a"}, annotations={"owner": "me"}) == 201
    return provider


def test_the_default_namespace_is_listed_and_others_of_containerd_are_not(
    provider: RunningProvider,
) -> None:
    provider.world.namespaces["moby"] = {}
    provider.world.namespaces["openfaas"] = {"other": "x"}

    assert eventually(lambda: names(provider) == [NAMESPACE])


def test_a_namespace_is_told_as_it_was_made(staging: RunningProvider) -> None:
    assert json_of(staging.client.get(ONE)) == {
        "name": "staging",
        "labels": {"openfaas": "true", "team": "a"},
        "annotations": {"owner": "me"},
    }
    assert names(staging) == [NAMESPACE, "staging"]


def test_the_name_may_be_in_the_body_alone(provider: RunningProvider) -> None:
    for path in ("/system/namespace", "/system/namespace/"):
        name = "one" if path.endswith("/") else "two"
        assert provider.client.post(path, json={"name": name}).status_code == 201

    assert sorted(names(provider)) == ["one", NAMESPACE, "two"]


def test_a_label_that_says_managed_is_kept_as_it_was_sent(provider: RunningProvider) -> None:
    create(provider, labels={"openfaas": "1"})

    assert json_of(provider.client.get(ONE))["labels"] == {"openfaas": "1"}


def test_a_second_one_of_a_name_is_a_conflict_and_changes_nothing(
    staging: RunningProvider,
) -> None:
    assert create(staging, labels={"team": "b"}) == 409

    assert json_of(staging.client.get(ONE))["labels"]["team"] == "a"


def test_an_update_replaces_labels_and_annotations(staging: RunningProvider) -> None:
    staging.world.namespaces["staging"]["containerd.io/defaults/snapshotter"] = "native"

    answer = staging.client.put(ONE, json={"labels": {"new": "x"}, "annotations": {"b": ""}})

    assert answer.status_code == 202
    told = json_of(staging.client.get(ONE))
    assert told["labels"] == {"openfaas": "true", "new": "x"}
    assert told["annotations"] == {"b": ""}
    assert "containerd.io/defaults/snapshotter" in staging.world.namespaces["staging"]


def test_what_is_told_outlives_the_provider(staging: RunningProvider) -> None:
    before = json_of(staging.client.get(ONE))

    staging.stop()
    staging.start()

    assert json_of(staging.client.get(ONE)) == before


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("name", ["ghost", "moby"])
def test_one_that_is_not_for_functions_is_not_found_and_not_touched(
    provider: RunningProvider, method: str, name: str
) -> None:
    provider.world.namespaces["moby"] = {"a": "b"}

    answer = provider.client.open(
        f"/system/namespace/{name}?force=true", method=method, json={"labels": {"x": "y"}}
    )

    assert answer.status_code == 404
    assert name in answer.text
    assert provider.world.namespaces["moby"] == {"a": "b"}


def test_one_that_is_not_for_functions_is_not_taken_over(provider: RunningProvider) -> None:
    provider.world.namespaces["moby"] = {"a": "b"}

    answer = provider.client.post("/system/namespace/moby", json={})

    assert answer.status_code == 409
    assert provider.world.namespaces["moby"] == {"a": "b"}


@pytest.mark.parametrize("force", ["", "?force=true"])
def test_the_default_one_cannot_be_removed(provider: RunningProvider, force: str) -> None:
    answer = provider.client.delete(f"/system/namespace/{NAMESPACE}{force}")

    assert answer.status_code == 400
    assert "default" in answer.text
    assert names(provider) == [NAMESPACE]


def test_an_empty_one_is_gone_at_once_with_secrets_and_images(staging: RunningProvider) -> None:
    secret = {"name": "key", "value": "x", "namespace": "staging"}
    staging.client.post("/system/secrets", json=secret)
    assert staging.provider
    node = staging.provider.node
    node.images.pull("staging", node.images.resolve("serve"))

    assert staging.client.delete(ONE).status_code == 202

    assert is_gone(staging)
    assert not [key for key in staging.world.images if key[0] == "staging"]
    assert not Path(staging.config.secrets_directory, "staging").exists()
    assert create(staging) == 201
    assert json_of(staging.client.get(ONE))["annotations"] == {}
    assert json_of(staging.client.get("/system/secrets?namespace=staging")) == []


def test_one_with_functions_stays_and_they_are_named(staging: RunningProvider) -> None:
    for number in range(12):
        staging.deploy(f"fn{number:02}", namespace="staging")

    answer = staging.client.delete(ONE)

    assert answer.status_code == 409
    assert "fn00, " in answer.text
    assert "and 2 more" in answer.text
    assert names(staging) == [NAMESPACE, "staging"]
    assert len(json_of(staging.client.get("/system/functions?namespace=staging"))) == 12


def test_by_force_it_goes_with_its_functions_and_nothing_else(staging: RunningProvider) -> None:
    staging.deploy_ready()
    for number in range(3):
        staging.deploy(f"fn{number}", namespace="staging")
    assert eventually(lambda: len(staging.world.records) == 4)

    assert staging.client.delete(f"{ONE}?force=true").status_code == 202

    assert eventually(lambda: is_gone(staging))
    assert [key[1] for key in staging.world.records] == ["echo.1.0"]
    assert {key[0] for key in staging.world.images} == {NAMESPACE}
    assert staging.client.get("/function/echo").status_code == 200


def test_while_it_goes_nothing_new_comes_in(staging: RunningProvider) -> None:
    slow: dict[str, Any] = {"namespace": "staging", "annotations": {"grace_period": "1s"}}
    staging.deploy("slow", "stubborn", **slow)
    url = "/system/function/slow?namespace=staging"
    assert eventually(lambda: json_of(staging.client.get(url))["availableReplicas"] == 1)
    staging.client.delete(f"{ONE}?force=true")

    deployed = staging.deploy("late", namespace="staging")
    made = staging.client.post(ONE, json={})
    changed = staging.client.put(ONE, json={})

    assert (deployed.status_code, made.status_code, changed.status_code) == (409, 409, 409)
    assert "being removed" in deployed.text
    assert eventually(lambda: is_gone(staging))
    assert create(staging) == 201
    assert staging.deploy("late", namespace="staging").status_code == 202


def test_a_restarted_provider_goes_on_with_it(staging: RunningProvider) -> None:
    slow: dict[str, Any] = {"namespace": "staging", "annotations": {"grace_period": "300ms"}}
    staging.deploy("slow", "stubborn", **slow)
    assert eventually(lambda: len(staging.world.tasks) == 1)
    staging.world.go_down()
    answer = staging.client.delete(f"{ONE}?force=true")
    assert answer.status_code == 503
    staging.world.come_back()
    staging.client.delete(f"{ONE}?force=true")

    staging.stop()
    staging.start()

    assert eventually(lambda: is_gone(staging))
    assert eventually(staging.is_empty)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/system/namespace/UP", {}, "name"),
        ("/system/namespace/" + "a" * 64, {}, "name"),
        ("/system/namespace/a--b", {}, "name"),
        ("/system/namespace/a%00", {}, "name"),
        ("/system/namespace", {}, "name"),
        ("/system/namespace/one", {"name": "two"}, "name"),
        ("/system/namespace/one", {"name": 1}, "name"),
        ("/system/namespace/one", {"labels": []}, "labels"),
        ("/system/namespace/one", {"labels": {"a": 1}}, "labels"),
        ("/system/namespace/one", {"labels": {"a": ""}}, "labels"),
        ("/system/namespace/one", {"labels": {"a b": "x"}}, "labels"),
        ("/system/namespace/one", {"labels": {"containerd.io/x": "y"}}, "labels"),
        ("/system/namespace/one", {"labels": {"a": "x" * 4096}}, "labels"),
        ("/system/namespace/one", {"labels": {"a": "ü" * 2048}}, "labels"),
        ("/system/namespace/one", {"annotations": {"a": None, "b": 2}}, "annotations"),
        ("/system/namespace/one", [], "body"),
    ],
)
def test_a_malformed_one_is_told_by_field_and_nothing_is_made(
    provider: RunningProvider, path: str, body: object, field: str
) -> None:
    answer = provider.client.post(path, json=body)

    assert answer.status_code == 400
    assert field in answer.text
    assert names(provider) == [NAMESPACE]


@pytest.mark.parametrize("path", ["/system/functions", "/system/secrets"])
def test_what_is_in_a_namespace_that_is_not_there_is_not_found(
    provider: RunningProvider, path: str
) -> None:
    answer = provider.client.get(f"{path}?namespace=ghost")

    assert answer.status_code == 404
    assert "ghost" in answer.text
