"""Namespaces on a real containerd: whole lives, and ends that are cut short."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.client import Client
from tests.e2e.machine import Machine
from tests.machine.processes import wait_until

PATH = "/system/namespace/staging"
Images = dict[str, str]


@pytest.fixture
def staging(client: Client, machine: Machine) -> Iterator[Client]:
    """A caller, and a namespace that is gone after the test."""
    assert client.call("POST", PATH, {"labels": {"team": "a"}}).status == 201
    yield client
    wait_until(client.is_up, 30, "the provider answers")
    client.call("DELETE", f"{PATH}?force=true")
    wait_until(lambda: client.call("GET", PATH).status == 404, 60, "the namespace is gone")
    assert "staging" not in machine.containerd.ctr("namespaces", "ls", "-q").split()
    assert not list(Path("/run/faasd/replicas").glob("staging/*"))


def deploy(client: Client, name: str, image: str, **more: object) -> None:
    assert client.deploy(name, image, namespace="staging", **more).status == 202
    where = f"/system/function/{name}?namespace=staging"
    wait_until(
        lambda: client.call("GET", where).json["availableReplicas"] == 1, 30, f"{name} is ready"
    )


def test_a_namespace_goes_with_all_that_is_in_it_and_may_come_again(
    staging: Client, images: Images, machine: Machine
) -> None:
    secret = {"name": "key", "value": "x", "namespace": "staging"}
    assert staging.call("POST", "/system/secrets", secret).status == 201
    deploy(staging, "one", images["serve"], secrets=["key"])
    deploy(staging, "two", images["serve"])
    assert staging.invoke("one.staging").json["secrets"] == {"key": "x"}
    assert machine.containerd.ctr("images", "ls", "-q", namespace="staging").split()

    refused = staging.call("DELETE", PATH)
    assert (refused.status, "one, two" in refused.text) == (409, True)
    assert staging.call("DELETE", f"{PATH}?force=true").status == 202

    wait_until(lambda: staging.call("GET", PATH).status == 404, 60, "the namespace is gone")
    assert "staging" not in machine.containerd.ctr("namespaces", "ls", "-q").split()
    assert staging.invoke("one.staging").status == 404
    assert staging.call("POST", PATH, {}).status == 201
    assert staging.call("GET", "/system/secrets?namespace=staging").json == []
    assert staging.call("DELETE", PATH).status == 202
    assert staging.call("GET", PATH).status == 404


def test_a_provider_that_is_killed_meanwhile_goes_on_with_it(
    staging: Client, images: Images, machine: Machine
) -> None:
    deploy(staging, "slow", images["stubborn"], annotations={"grace_period": "3s"})
    assert staging.call("DELETE", f"{PATH}?force=true").status == 202
    assert staging.call("GET", PATH).status == 200

    machine.kill_program("provider")
    machine.start_program("provider")

    wait_until(staging.is_up, 30, "the provider answers")
    wait_until(lambda: staging.call("GET", PATH).status == 404, 60, "the namespace is gone")


def test_an_updated_secret_is_read_by_the_next_call(client: Client, images: Images) -> None:
    assert client.call("POST", "/system/secrets", {"name": "key", "value": "old"}).status == 201
    client.deploy("echo", images["serve"], secrets=["key"])
    client.wait_ready("echo")
    assert client.invoke("echo").json["secrets"] == {"key": "old"}

    answer = client.call("PUT", "/system/secrets", {"name": "key", "rawValue": "bmV3Cg=="})

    assert answer.status == 202
    assert client.invoke("echo").json["secrets"] == {"key": "new\n"}
    assert client.call("DELETE", "/system/secrets", {"name": "key"}).status == 409
    client.delete("echo")
    wait_until(
        lambda: client.call("DELETE", "/system/secrets", {"name": "key"}).status == 202,
        10,
        "the secret is removed",
    )
