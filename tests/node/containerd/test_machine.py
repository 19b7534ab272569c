"""Ports `Namespaces` and `Machine` on real containerd."""

import platform
import time

import pytest

from faasd.base.errors import InUse, InvalidInput, Unavailable
from faasd.node.adapters.containerd.client import ContainerdClient, connect
from faasd.node.adapters.containerd.system import normalize
from faasd.node.domain.image import Platform
from tests.machine.containerd import PrivateContainerd
from tests.machine.processes import wait_until
from tests.node.containerd.place import Place


def test_a_namespace_has_the_labels_it_was_ensured_with(place: Place) -> None:
    namespaces = place.client.namespaces

    namespaces.ensure(place.namespace, {"openfaas": "true", "team": "a"})
    namespaces.ensure(place.namespace, {"openfaas": "true", "team": "b"})

    assert namespaces.list()[place.namespace] == {"openfaas": "true", "team": "b"}


def test_a_namespace_that_holds_an_image_is_not_removed(place: Place) -> None:
    place.busybox()

    with pytest.raises(InUse):
        place.client.namespaces.remove(place.namespace)


def test_removing_a_namespace_that_is_not_there_is_a_success(client: ContainerdClient) -> None:
    client.namespaces.remove("never-made")


def test_a_name_that_containerd_does_not_take_is_invalid(client: ContainerdClient) -> None:
    with pytest.raises(InvalidInput):
        client.namespaces.ensure("no/slash", {})


def test_the_version_is_containerd_s(client: ContainerdClient) -> None:
    assert client.machine.version().startswith("containerd 1.6.")


def test_the_platform_is_this_machine_s(client: ContainerdClient) -> None:
    architectures = {"x86_64": "amd64", "aarch64": "arm64"}
    expected = architectures.get(platform.machine(), "arm")

    found = client.machine.platform()

    assert (found.os, found.architecture) == ("linux", expected)


@pytest.mark.parametrize(
    ("told", "normal"),
    [
        (("arm64", "v8"), ("arm64", "")),
        (("amd64", "v1"), ("amd64", "")),
        (("amd64", ""), ("amd64", "")),
        (("arm", ""), ("arm", "v7")),
        (("arm", "v6"), ("arm", "v6")),
        (("riscv64", ""), ("riscv64", "")),
    ],
)
def test_a_variant_that_says_nothing_is_left_out(
    told: tuple[str, str], normal: tuple[str, str]
) -> None:
    made = normalize(Platform(architecture=told[0], variant=told[1]))

    assert (made.architecture, made.variant) == normal


def test_a_snapshotter_that_is_not_there_is_unavailable(containerd: PrivateContainerd) -> None:
    client = connect(str(containerd.socket), "unknown")

    with pytest.raises(Unavailable, match="no snapshotter unknown"):
        client.machine.platform()
    client.machine.close()


def test_a_socket_that_nobody_listens_on_is_unavailable_at_once(tmp_path: object) -> None:
    client = connect(f"{tmp_path}/nobody.sock", "overlayfs")

    with pytest.raises(Unavailable):
        client.machine.version()
    client.machine.close()


def test_a_containerd_that_comes_back_is_reached_within_a_second(
    client: ContainerdClient, containerd: PrivateContainerd
) -> None:
    client.machine.version()
    containerd.kill()
    for _ in range(3):  # Only with tries in between does gRPC lose its interest.
        with pytest.raises(Unavailable):
            client.machine.version()
        time.sleep(0.1)

    containerd.start()

    assert wait_until(lambda: answers(client), 5, "it answers") < 1


def answers(client: ContainerdClient) -> bool:
    try:
        return bool(client.machine.version())
    except Unavailable:
        return False
