"""Upgrade, downgrade, removal and purge by apt, as docs/upgrade.md says; the node is gone after."""

from pathlib import Path

from tests.machine.processes import wait_until
from tests.product.place import load
from tests.systemd.node import CORE, FUNCTIONS, UNITS, Node

EDIT = "# mine: kept over an upgrade\n"
TRACES = (
    "/var/lib/faasd", "/var/lib/faasd-provider", "/var/log/faasd", "/var/cache/faasd",
    "/run/faasd", "/etc/cni/net.d/10-openfaas.conflist", "/etc/sysctl.d/90-faasd.conf",
    "/etc/faasd", "/etc/default/faasd-provider", "/usr/lib/python3/dist-packages/faasd",
    "/usr/share/faasd", "/sys/class/net/openfaas0",
)  # fmt: skip


def apt(node: Node, *words: str) -> str:
    """Run apt-get; a package script of ours that has to ask for help fails the test."""
    said = node.guest.run("apt-get", "-y", "--allow-downgrades", *words, seconds=240)
    assert "could not" not in said, said
    assert "not everything" not in said, said
    return said


def version(node: Node) -> str:
    return node.guest.run("dpkg-query", "--show", "--showformat=${Version}", "faasd")


def change_version(node: Node, package: str) -> None:
    """Change it under load: programs are renewed, containers are not, nobody notices."""
    containers = (node.pids(CORE), node.pids(FUNCTIONS))
    before = {unit: node.main_pid(unit) for unit in UNITS}
    with load(node.front, "static") as seen, load(node.front, "echo", threads=1) as slow:
        apt(node, "install", f"/root/{package}")
        node.wait_whole()
        enough = seen.requests + 100
        wait_until(lambda: seen.requests > enough, 30, "more calls")
    node.guest.tell(
        f"{package} ({version(node)}) installed under load: "
        f"{len(seen.failed + slow.failed)} of {seen.requests + slow.requests} calls failed"
    )
    assert seen.failed + slow.failed == []
    assert all(node.main_pid(unit) not in (0, before[unit]) for unit in UNITS)
    assert (node.pids(CORE), node.pids(FUNCTIONS)) == containers


def test_upgrade_and_downgrade_lose_no_call_and_keep_what_was_edited(node: Node) -> None:
    compose = node.guest.root / "var/lib/faasd/docker-compose.yaml"
    compose.write_text(EDIT + compose.read_text())
    old = version(node)

    change_version(node, "later.deb")
    assert version(node) == f"{old}+later"
    change_version(node, "now.deb")
    assert version(node) == old

    assert compose.read_text().startswith(EDIT)
    compose.write_text(compose.read_text().removeprefix(EDIT))


def test_an_upgrade_starts_nothing_that_was_stopped(node: Node) -> None:
    node.guest.run("faasd", "stop")

    apt(node, "install", "/root/later.deb")

    states = [node.guest.show(unit, "ActiveState") for unit in UNITS]
    node.guest.run("faasd", "start")
    apt(node, "install", "/root/now.deb")
    assert states == ["inactive", "inactive"]


def test_removed_and_installed_again_it_is_the_same_node(node: Node) -> None:
    login = (node.guest.root / "var/lib/faasd/secrets/basic-auth-password").read_text()

    apt(node, "remove", "faasd")

    assert (node.pids(CORE), node.pids(FUNCTIONS)) == ({}, {})
    assert not (node.guest.root / "run/faasd").exists()
    node.guest.restore_images()
    apt(node, "install", "/root/now.deb")
    node.guest.run("faasd", "install")
    node.guest.run("faasd", "start")
    for sample in ("echo", "static"):
        node.guest.run("faasd", "image", "load", f"/root/{sample}.tar")
    node.wait_whole()
    again = (node.guest.root / "var/lib/faasd/secrets/basic-auth-password").read_text()
    assert again == login


def test_zz_purge_leaves_nothing(booted: Node) -> None:
    guest = booted.guest
    booted.wait_whole()
    edited = "/etc/systemd/system/faasd.service.d"
    guest.run("sh", "-c", f"mkdir -p {edited} && echo '[Service]' >{edited}/override.conf")
    guest.run("sh", "-c", "echo service_timeout=20s >/etc/default/faasd-provider")

    apt(booted, "purge", "faasd")

    left = [path for path in TRACES if guest.attempt("test", "-e", path).returncode == 0]
    assert left == []
    assert list_links(guest.root) == []
    assert guest.run("ctr", "namespaces", "ls", "-q").split() == []
    assert guest.run("nft", "list", "tables") == ""
    units = guest.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "faasd*")
    assert units == ""
    assert guest.show("containerd.service", "ActiveState") == "active"


def list_links(root: Path) -> list[str]:
    """Return what still points to our units, or is part of them."""
    return [str(path) for path in (root / "etc/systemd").rglob("*faasd*")]
