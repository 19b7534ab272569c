"""Who reaches what: functions, other machines, with and without the machine's own firewall."""

import subprocess

import pytest

from faasd.supervisor.compose.values import Port
from faasd.supervisor.publish import TABLE, Bridge, Published, render_rules
from tests.public.place import BRIDGE_ADDRESS, REFUSED, Node, World, run, serving

METADATA = "169.254.169.254"
IN_WORLD = ("ip", "netns", "exec", "world")
DATABASE = 5432


def nft(rules: str) -> None:
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)


def tables() -> str:
    return run("nft", "list", "tables").out


@pytest.mark.parametrize("port", [8084, 8085])
def test_functions_do_not_reach_what_the_router_alone_asks(node: Node, port: int) -> None:
    for address in (BRIDGE_ADDRESS, "192.0.2.1"):
        assert node.function_asks(f"http://{address}:{port}/healthz").status == 7
    assert node.asks(f"http://{BRIDGE_ADDRESS}:{port}/healthz").status == 0


def test_functions_reach_the_provider_only_with_the_login(node: Node) -> None:
    asked = node.function_asks(f"http://{BRIDGE_ADDRESS}:8081/system/functions", "-i")
    assert asked.out.startswith("HTTP/1.1 401")


def test_functions_reach_the_metadata_service_only_when_that_is_chosen(node: Node) -> None:
    url = f"http://{METADATA}/latest/meta-data/"
    with serving(80, prefix=IN_WORLD, address=METADATA):
        assert node.asks(url).status == 0
        assert node.function_asks(url).status == 7
        node.faasd("install", "--metadata")
        node.start()
        assert node.function_asks(url).status == 0
        node.faasd("install", "--no-metadata")
        node.start()
        assert node.function_asks(url).status == 7


def test_a_metadata_service_on_the_node_itself_is_closed_to_functions_too(node: Node) -> None:
    address = "169.254.7.7"
    subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    try:
        with serving(80, address=address), serving(53, address=address):
            assert node.asks(f"http://{address}/").status == 0
            assert node.function_asks(f"http://{address}/").status == 7
            assert node.function_asks(f"http://{address}:53/").status == 0
    finally:
        subprocess.run(["ip", "address", "delete", f"{address}/32", "dev", "lo"], check=True)


def test_a_resolver_among_the_metadata_addresses_answers_functions(node: Node) -> None:
    with serving(53, prefix=IN_WORLD, address=METADATA):
        assert node.function_asks(f"http://{METADATA}:53/").status == 0


def test_other_machines_reach_a_container_by_a_published_port_only(
    node: Node, world: World
) -> None:
    address = node.function_address()
    assert node.asks(f"http://{address}:8080/").status == 0
    assert world.asks(f"http://{address}:8080/").status == 28
    port = Port(address="0.0.0.0", published=9999, target=8080)
    before = run("nft", "list", "table", "ip", TABLE).out
    nft(render_rules([Published(port=port, address=address)], Bridge()))
    try:
        assert world.asks("http://192.0.2.1:9999/").status == 0
    finally:
        nft(f"table ip {TABLE} {{}}\ndelete table ip {TABLE}\n{before}")


def test_with_the_firewall_only_what_is_chosen_is_open(node: Node, world: World) -> None:
    url = f"http://192.0.2.1:{DATABASE}/"
    with serving(DATABASE):
        assert world.asks(url).status == 0
        said = node.faasd("install", "--firewall")
        assert "open: 22/tcp, 8080/tcp" in said
        assert world.asks(url).status == 0  # not before `faasd start`
        node.start()
        assert world.asks(url).status == 28
        assert world.asks("http://192.0.2.1:8080/healthz").out == "OK"
        node.faasd("install", "--open", f"{DATABASE}")
        node.start()
        assert world.asks(url).status == 0
        node.faasd("install", "--no-firewall")
        assert "faasd_host" not in tables()


def test_with_the_firewall_functions_reach_the_front_door_and_are_refused_all_else(
    node: Node, world: World
) -> None:
    node.faasd("install", "--firewall")
    node.start()
    assert world.run("busybox", "ping", "-c1", "-W2", "192.0.2.1").status == 0
    with serving(DATABASE), serving(22):
        assert world.asks("http://192.0.2.1:22/").status == 0
        for port in (DATABASE, 22):
            assert node.function_asks(f"http://{BRIDGE_ADDRESS}:{port}/").status == 7
    assert node.function_asks(f"http://{BRIDGE_ADDRESS}:8080/healthz").out == "OK"
    assert node.function_asks("http://192.0.2.1:8080/healthz").out == "OK"
    metrics = node.function_asks(f"http://{BRIDGE_ADDRESS}:8082/metrics")
    assert "gateway_function_invocation_total" in metrics.out


def test_with_firewall_and_domain_only_the_web_is_open(node: Node, world: World) -> None:
    said = node.faasd("install", "--firewall", "--domain", "faasd.lan", "--tls", "internal")
    assert "open: 22/tcp, 80/tcp, 443/tcp, 443/udp" in said
    node.start()
    assert world.asks("https://faasd.lan/healthz", "-k").out == "OK"
    assert node.function_asks("https://faasd.lan/healthz", "-k").out == "OK"
    with serving(DATABASE):
        assert world.asks(f"http://192.0.2.1:{DATABASE}/").status in REFUSED


def test_rules_of_others_are_let_alone(node: Node, world: World) -> None:
    nft(
        "table inet theirs { chain input { type filter hook input priority 0; policy accept; }\n}\n"
    )
    try:
        node.faasd("install", "--firewall")
        node.start()
        node.faasd("install", "--no-firewall")
        assert "table inet theirs" in tables()
    finally:
        nft("delete table inet theirs\n")
    assert world.asks("http://192.0.2.1:8080/healthz").out == "OK"


def test_rules_that_cannot_be_are_told_and_those_before_stay(node: Node, world: World) -> None:
    node.faasd("install", "--firewall")
    node.start()
    with open("/etc/faasd/firewall.nft", "a") as rules:  # noqa: PTH123
        rules.write("nonsense\n")
    ended = run("faasd", "start")
    assert ended.status == 1
    assert "nonsense" in ended.out
    with serving(DATABASE):
        assert world.asks(f"http://192.0.2.1:{DATABASE}/").status == 28
