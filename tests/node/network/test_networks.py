"""Namespaces and addresses by real CNI plugins."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from faasd.base.errors import NoRoom
from faasd.node.adapters.cni.networks import CniNetworks
from faasd.node.domain.settings import NodeSettings
from tests.node.network.place import inside, leases, write


def test_the_node_reaches_a_container_and_a_container_the_node(networks: CniNetworks) -> None:
    network = networks.attach("fn", "a.1.0")

    assert inside(network.path, "busybox", "ping", "-c1", "-W2", "10.62.240.1").returncode == 0
    ping = ["busybox", "ping", "-c1", "-W2", network.address or ""]
    assert subprocess.run(ping, check=False, capture_output=True).returncode == 0


def test_two_containers_reach_one_another(networks: CniNetworks) -> None:
    one, two = networks.attach("fn", "a.1.0"), networks.attach("fn", "b.1.0")

    assert one.address != two.address
    assert inside(one.path, "busybox", "ping", "-c1", "-W2", two.address or "").returncode == 0


def test_loopback_is_up_inside(networks: CniNetworks) -> None:
    network = networks.attach("fn", "a.1.0")

    assert inside(network.path, "busybox", "ping", "-c1", "-W2", "127.0.0.1").returncode == 0


def test_a_freed_address_is_given_again(settings: NodeSettings, networks: CniNetworks) -> None:
    for number in range(260):
        if number % 20 == 0:
            networks.attach("fn", f"keep{number}.1.0")
    networks.attach("fn", "a.1.0")
    before = set(leases(settings))

    networks.detach("fn", "a.1.0")

    assert len(before - set(leases(settings))) == 1
    assert networks.find("fn", "a.1.0") is None


def test_a_hundred_at_once_have_a_hundred_addresses(networks: CniNetworks) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: networks.attach("fn", f"f{n}.1.0"), range(100)))

    assert len({network.address for network in made}) == 100
    assert {network.address for network in networks.list()} == {n.address for n in made}


def test_a_full_subnet_has_no_room_and_leaves_nothing(tmp_path: Path) -> None:
    settings = write(tmp_path, subnet="10.62.250.0/29", bridge="fdtest1")
    networks = CniNetworks(settings)
    networks.prepare()
    made = [networks.attach("fn", f"f{number}.1.0") for number in range(5)]

    with pytest.raises(NoRoom, match="no address"):
        networks.attach("fn", "late.1.0")

    assert len(networks.list()) == len(made)
    for network in made:
        networks.detach(network.namespace, network.container)
    subprocess.run(["ip", "link", "delete", "fdtest1"], check=True)
    subprocess.run(["umount", "-l", f"{settings.run_dir}/netns"], check=True)


@pytest.mark.parametrize("missing", ["result", "mount", "namespace", "namespace and result"])
def test_what_a_killed_process_left_is_listed_and_freed(
    settings: NodeSettings, networks: CniNetworks, missing: str
) -> None:
    network = networks.attach("fn", "a.1.0")
    result = Path(settings.run_dir, "cni", "fn_a.1.0")
    if "result" in missing:
        result.unlink()
    if missing == "mount" or "namespace" in missing:
        subprocess.run(["umount", network.path], check=True)
    if "namespace" in missing:
        Path(network.path).unlink()

    assert [(n.namespace, n.container) for n in networks.list()] == [("fn", "a.1.0")]
    networks.detach("fn", "a.1.0")

    assert networks.list() == []
    assert leases(settings) == []


def test_attaching_over_what_was_left_begins_anew(
    settings: NodeSettings, networks: CniNetworks
) -> None:
    first = networks.attach("fn", "a.1.0")
    subprocess.run(["umount", first.path], check=True)

    second = networks.attach("fn", "a.1.0")

    assert inside(second.path, "busybox", "ping", "-c1", "-W2", "10.62.240.1").returncode == 0
    assert leases(settings) == [second.address]


def test_the_address_is_found_in_the_kernel_where_the_result_was_lost(
    settings: NodeSettings, networks: CniNetworks
) -> None:
    network = networks.attach("fn", "a.1.0")
    Path(settings.run_dir, "cni", "fn_a.1.0").unlink()

    found = networks.find("fn", "a.1.0")

    assert found is not None
    assert found.address == network.address


def test_names_with_dashes_and_dots_are_told_apart(networks: CniNetworks) -> None:
    networks.attach("a", "b-c.1.0")
    networks.attach("a-b", "c.1.0")

    found = {(network.namespace, network.container) for network in networks.list()}

    assert found == {("a", "b-c.1.0"), ("a-b", "c.1.0")}
