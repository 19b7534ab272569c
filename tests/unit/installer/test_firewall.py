"""Which ports the machine's own firewall leaves open. The kernel's word is in tests/public."""

import subprocess
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from faasd.installer.choices import Choices, parse_choices
from faasd.installer.firewall import (
    TABLE,
    UNIT,
    parse_ssh_ports,
    raise_firewall,
    render_firewall,
    set_up_firewall,
    take_firewall_down,
)
from faasd.installer.paths import FIREWALL_CONFIG, Machine

HTTPS = Choices(domain="faasd.example.com", email="you@example.com", firewall="yes")
PLAIN = Choices(firewall="yes")
LISTENING = """\
LISTEN 0 128 0.0.0.0:2222 0.0.0.0:* users:(("sshd",pid=5,fd=3))
LISTEN 0 128 [::]:2222 [::]:* users:(("sshd",pid=5,fd=4))
LISTEN 0 128 127.0.0.1:25 0.0.0.0:* users:(("exim4",pid=7,fd=4))
"""
ACTIVATION = "ActiveState=active\nListen=[::]:2200 (Stream)\n"
FORWARDED = """\
LISTEN 0 128 127.0.0.1:6010 0.0.0.0:* users:(("sshd",pid=9,fd=9))
LISTEN 0 128 [::1]:6010 [::]:* users:(("sshd",pid=9,fd=8))
"""


def elements(rules: str, name: str) -> list[str]:
    line = rules.partition(f"set {name} ")[2].partition("elements = { ")[2].partition(" }")[0]
    return line.split(", ")


def test_without_a_domain_only_ssh_and_the_front_door_are_open() -> None:
    rules = render_firewall(PLAIN, [8080], [22], "openfaas0")
    assert elements(rules, "open") == ["tcp . 22", "tcp . 8080"]


def test_with_a_domain_only_ssh_and_the_web_are_open() -> None:
    rules = render_firewall(HTTPS, [8080, 8080], [22], "openfaas0")
    assert elements(rules, "open") == ["tcp . 22", "tcp . 80", "tcp . 443", "udp . 443"]


def test_functions_reach_the_front_door_and_names_but_neither_ssh_nor_the_gateways_own() -> None:
    ports = elements(render_firewall(HTTPS, [8080], [22], "openfaas0"), "functions")
    assert {"udp . 53", "tcp . 8080", "tcp . 443"} <= set(ports)
    assert not {"tcp . 22", "tcp . 8084", "tcp . 8085"} & set(ports)


def test_ports_that_were_asked_for_are_open_to_all() -> None:
    chosen = parse_choices({"firewall": "yes", "open": "51820/udp 5432"})
    rules = render_firewall(chosen, [8080], [22], "openfaas0")
    for name in ("open", "functions"):
        assert {"udp . 51820", "tcp . 5432"} <= set(elements(rules, name))


def test_only_our_own_table_is_replaced() -> None:
    rules = render_firewall(PLAIN, [8080], [22], "br7")
    lines = [line for line in rules.splitlines() if not line.lstrip().startswith("#")]
    assert lines[:2] == ["table inet faasd_host", "delete table inet faasd_host"]
    assert "flush" not in "".join(lines)
    assert 'iifname "br7"' in rules


@pytest.mark.parametrize(
    ("listening", "configured", "ports"),
    [
        (LISTENING, "", [2222]),
        (LISTENING, "port 22\nport 2200\naddressfamily any\n", [22, 2200, 2222]),
        ("", "port 22\n", [22]),
        ("", "", []),
    ],
)
def test_ssh_is_where_it_listens_and_where_it_is_going_to(
    listening: str, configured: str, ports: list[int]
) -> None:
    assert parse_ssh_ports(listening, configured) == ports


@pytest.mark.parametrize(
    ("listening", "configured", "activation", "ports"),
    [
        ("", "port 22\nlistenaddress 192.0.2.7:2222\n", "", [22, 2222]),
        ("", "port 22\nlistenaddress [::]:22\n", ACTIVATION, [22, 2200]),
        ("", "", ACTIVATION.replace("=active", "=inactive"), []),
        (LISTENING.replace("sshd", "dropbear"), "", "", [2222]),
        (FORWARDED, "", "", []),
    ],
)
def test_nobody_is_locked_out_by_who_listens_for_ssh_and_no_forwarded_port_is_opened(
    listening: str, configured: str, activation: str, ports: list[int]
) -> None:
    assert parse_ssh_ports(listening, configured, activation) == ports


def test_rules_that_were_edited_are_kept_and_outlive_the_firewall_beside_it(tmp_path: Path) -> None:
    machine = Machine(root=tmp_path)
    assert "/etc/faasd/firewall.nft written; open: " in set_up_firewall(machine, PLAIN, [8080])
    machine.at(FIREWALL_CONFIG).write_text("mine")
    said = set_up_firewall(machine, PLAIN, [9090])
    assert said == f"{FIREWALL_CONFIG} kept as you edited it"
    assert machine.at(FIREWALL_CONFIG).read_text() == "mine"
    assert "firewall.nft.yours" in take_firewall_down(machine)
    assert machine.at(f"{FIREWALL_CONFIG}.yours").read_text() == "mine"
    assert take_firewall_down(machine) == "none"
    assert raise_firewall(machine) == "none"


def test_the_unit_that_raises_it_at_a_boot_is_well_formed_and_before_the_network() -> None:
    asset = files("faasd").joinpath("assets", "units", UNIT)
    with as_file(asset) as path:
        verified = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", path],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (verified.returncode, verified.stderr) == (0, "")
    text = asset.read_text()
    assert f"ExecStart=/usr/sbin/nft -f {FIREWALL_CONFIG}\n" in text
    assert f"delete table inet {TABLE}" in text
    assert "Before=network-pre.target" in text
    after = "systemd-modules-load.service local-fs.target systemd-tmpfiles-setup.service"
    assert f"After={after} nftables.service\n" in text
