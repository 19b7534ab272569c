import ipaddress
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from faasd.installer.boot import (
    FALLBACK_RESOLVERS,
    prepare_run_directory,
    render_hosts,
    render_resolv_conf,
    write_name_files,
)
from faasd.installer.paths import Machine


def _resolvers(text: str) -> list[str]:
    return [line.split()[1] for line in text.splitlines() if line.startswith("nameserver")]


def test_functions_find_the_core_services_at_the_bridge() -> None:
    line = render_hosts("10.62.0.1").splitlines()[-1].split()
    assert line == ["10.62.0.1", "gateway", "nats", "prometheus", "faasd-provider"]


def test_the_nodes_resolvers_and_search_list_are_kept() -> None:
    text = "# mine\nsearch lan\nnameserver 192.0.2.1\nnameserver 192.0.2.2\noptions ndots:1\n"
    rendered = render_resolv_conf([text, ""])
    assert _resolvers(rendered) == ["192.0.2.1", "192.0.2.2"]
    assert "search lan" in rendered
    assert "options ndots:1" in rendered


def test_a_stub_on_the_nodes_loopback_is_replaced_by_what_it_forwards_to() -> None:
    rendered = render_resolv_conf(["nameserver 127.0.0.53\n", "nameserver 192.0.2.9\n"])
    assert _resolvers(rendered) == ["192.0.2.9"]


def test_without_any_reachable_resolver_there_is_still_one() -> None:
    assert _resolvers(render_resolv_conf(["nameserver ::1\n", ""])) == list(FALLBACK_RESOLVERS)


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_whatever_the_files_hold_resolvers_are_reachable_addresses(texts: list[str]) -> None:
    resolvers = _resolvers(render_resolv_conf(texts))
    assert resolvers
    assert not any(ipaddress.ip_address(address).is_loopback for address in resolvers)


def test_files_are_rewritten_in_place_for_containers_that_see_them(tmp_path: Path) -> None:
    machine = Machine(root=tmp_path)
    prepare_run_directory(machine)
    write_name_files(machine, "10.62.0.1")
    before = machine.at("/run/faasd/hosts").stat().st_ino
    write_name_files(machine, "10.63.0.1")
    assert machine.at("/run/faasd/hosts").stat().st_ino == before
    assert "10.63.0.1" in machine.at("/run/faasd/hosts").read_text()
