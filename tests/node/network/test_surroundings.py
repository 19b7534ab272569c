"""The bridge, the firewall, what lies beyond, and configurations that are broken."""

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from faasd.base.errors import InvalidInput, Unavailable
from faasd.node.adapters.cni.networks import CniNetworks
from faasd.node.domain.settings import NodeSettings
from tests.node.network.place import inside, leases

LOWEST = "02:00:00:00:00:01"
"""A bridge without an address of its own takes the lowest of its ports."""


def test_preparing_again_changes_nothing(networks: CniNetworks) -> None:
    network = networks.attach("fn", "a.1.0")
    rules = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=True)

    assert networks.prepare() == "10.62.240.1"

    again = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=True)
    assert again.stdout == rules.stdout
    assert inside(network.path, "busybox", "ping", "-c1", "-W2", "10.62.240.1").returncode == 0


def test_containers_that_come_do_not_change_the_address_that_others_know_the_node_by(
    networks: CniNetworks,
) -> None:
    before = _hardware_address("fdtest0")

    networks.attach("fn", "a.1.0")
    _run("ip", "link", "add", "low0", "address", LOWEST, "type", "veth", "peer", "name", "low1")
    _run("ip", "link", "set", "low0", "master", "fdtest0")
    during = _hardware_address("fdtest0")
    _run("ip", "link", "delete", "low0")

    assert during == before == "0a:58:0a:3e:f0:01"


def _hardware_address(link: str) -> str:
    return Path("/sys/class/net", link, "address").read_text().strip()


def test_programs_prepare_at_the_same_moment(settings: NodeSettings, networks: CniNetworks) -> None:
    others = [CniNetworks(settings) for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        addresses = set(pool.map(lambda other: other.prepare(), others))

    assert addresses == {"10.62.240.1"}
    assert networks.list() == []


def test_tables_of_others_are_let_alone(networks: CniNetworks) -> None:
    subprocess.run(["nft", "add", "table", "ip", "theirs"], check=True)

    networks.prepare()

    tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True)
    assert "table ip theirs" in tables.stdout
    subprocess.run(["nft", "delete", "table", "ip", "theirs"], check=True)


def test_a_firewall_that_drops_what_is_forwarded_lets_the_bridge_pass(
    networks: CniNetworks,
) -> None:
    rules = (
        "table ip filter { chain FORWARD { type filter hook forward priority 0; policy drop; }\n}\n"
    )
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)

    networks.prepare()
    networks.prepare()

    chain = subprocess.run(
        ["nft", "list", "chain", "ip", "filter", "FORWARD"],
        capture_output=True,
        text=True,
        check=True,
    )
    subprocess.run(["nft", "delete", "table", "ip", "filter"], check=True)
    assert chain.stdout.count("fdtest0") == 2


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


@pytest.fixture
def internet() -> Iterator[str]:
    """A network beyond the node: another namespace, in which something listens on port 80."""
    _run("ip", "netns", "add", "internet")
    _run("ip", "link", "add", "up0", "type", "veth", "peer", "name", "up1", "netns", "internet")
    _run("ip", "address", "add", "10.62.230.1/24", "dev", "up0")
    _run("ip", "link", "set", "up0", "up")
    _run("ip", "-n", "internet", "address", "add", "10.62.230.2/24", "dev", "up1")
    _run("ip", "-n", "internet", "link", "set", "up1", "up")
    yield "10.62.230.2"
    _run("ip", "netns", "delete", "internet")
    # ip made its directory a mount point, if it was the first to need it.
    subprocess.run(["umount", "-l", "/run/netns"], check=False, capture_output=True)


def test_a_container_reaches_beyond_the_node_under_the_nodes_address(
    networks: CniNetworks, internet: str
) -> None:
    network = networks.attach("fn", "a.1.0")

    # There is no route back to the bridge from there: an answer proves the masquerade.
    assert inside(network.path, "busybox", "ping", "-c1", "-W2", internet).returncode == 0


def test_a_missing_plugin_is_named_and_leaves_nothing(
    settings: NodeSettings, networks: CniNetworks, tmp_path: Path
) -> None:
    broken = CniNetworks(replace(settings, cni_plugins=str(tmp_path / "nowhere")))

    with pytest.raises(Unavailable, match="bridge"):
        broken.attach("fn", "a.1.0")

    assert networks.list() == []


def test_a_failing_plugin_is_quoted_and_what_was_before_it_is_undone(
    settings: NodeSettings, networks: CniNetworks
) -> None:
    path = Path(settings.cni_conflist)
    document = json.loads(path.read_text())
    document["plugins"].append({"type": "tuning", "sysctl": {"net.nothing.like.this": "1"}})
    path.write_text(json.dumps(document))

    with pytest.raises(Unavailable, match="tuning ADD"):
        CniNetworks(settings).attach("fn", "a.1.0")

    assert networks.list() == []
    assert leases(settings) == []


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"plugins": []}', '{"plugins": [{}]}'])
def test_a_broken_configuration_is_named(settings: NodeSettings, text: str) -> None:
    Path(settings.cni_conflist).write_text(text)

    with pytest.raises(InvalidInput, match=r"test\.conflist"):
        CniNetworks(settings).prepare()


def test_the_namespace_is_a_network_of_its_own(networks: CniNetworks) -> None:
    network = networks.attach("fn", "a.1.0")
    names = inside(network.path, "ip", "-br", "link").stdout.split()

    assert any(name.startswith("eth0") for name in names)
    assert "fdtest0" not in names
