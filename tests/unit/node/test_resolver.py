from pathlib import Path

import pytest

from faasd.node.adapters.filesystem.resolver import (
    FALLBACK,
    reachable_from_containers,
    write_hosts,
    write_resolv_conf,
)


def test_resolvers_that_containers_reach_are_kept() -> None:
    text = "search lan\nnameserver 192.0.2.1\nnameserver 2001:db8::1\noptions edns0\n"

    made = reachable_from_containers(text)

    assert "nameserver 192.0.2.1\n" in made
    assert "nameserver 2001:db8::1\n" in made
    assert "search lan\n" in made


@pytest.mark.parametrize("text", ["", "nameserver 127.0.0.53\n", "nameserver ::1\n", "# none\n"])
def test_loopback_resolvers_are_replaced(text: str) -> None:
    made = reachable_from_containers(text)

    assert [line.split()[1] for line in made.splitlines() if "nameserver" in line] == list(FALLBACK)


def test_one_reachable_resolver_is_enough() -> None:
    made = reachable_from_containers("nameserver 127.0.0.1\nnameserver 192.0.2.1\n")

    assert "127.0.0.1" not in made
    assert FALLBACK[0] not in made


def test_hosts_are_rewritten_in_place_for_containers_that_have_them_mounted(
    tmp_path: Path,
) -> None:
    before = write_hosts(str(tmp_path), {"gateway": "10.62.0.2"}).stat().st_ino
    path = write_hosts(str(tmp_path), {"gateway": "10.62.0.3"})

    assert path.stat().st_ino == before
    assert "10.62.0.3\tgateway" in path.read_text()
    assert "127.0.0.1\tlocalhost" in path.read_text()


def test_a_node_without_a_resolv_conf_gets_one(tmp_path: Path) -> None:
    path = write_resolv_conf(str(tmp_path), tmp_path / "missing")

    assert f"nameserver {FALLBACK[0]}" in path.read_text()
