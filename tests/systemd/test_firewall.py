"""The machine's own firewall where systemd raises it."""

from collections.abc import Iterator

import pytest

from tests.systemd.node import Node

UNIT = "faasd-firewall.service"
TABLE = "table inet faasd_host"


def tables(node: Node) -> list[str]:
    return node.guest.run("nft", "list", "tables").splitlines()


@pytest.fixture
def raised(node: Node) -> Iterator[Node]:
    """The node with its firewall, which is taken down after the test."""
    node.guest.run("faasd", "install", "--firewall")
    assert TABLE not in tables(node)
    node.guest.run("faasd", "start")
    yield node
    node.guest.run("faasd", "install", "--no-firewall")
    node.guest.run("faasd", "start")
    assert TABLE not in tables(node)
    assert node.guest.show(UNIT, "LoadState") == "not-found"
    assert not (node.guest.root / "etc/systemd/system/nftables.service.d").exists()


def test_it_is_raised_before_the_network_at_each_boot(raised: Node) -> None:
    assert TABLE in tables(raised)
    raised.guest.reboot()
    assert TABLE in tables(raised), raised.guest.journal(UNIT)
    assert raised.guest.show(UNIT, "ActiveState") == "active"
    assert "systemd-tmpfiles-setup.service" in raised.guest.show(UNIT, "After")
    assert "network-pre.target" in raised.guest.show(UNIT, "Before")
    assert raised.guest.run("systemctl", "--failed", "--no-legend").strip() == ""
    raised.wait_whole()


def test_it_is_there_again_whatever_is_done_with_debians_own_rules(raised: Node) -> None:
    """Debian's unit flushes all tables, also where nobody enabled it and a hand starts it."""
    assert raised.guest.show("nftables.service", "ActiveState") == "inactive"
    for done in ("start", "reload", "restart", "stop"):
        raised.guest.run("systemctl", done, "nftables")
        assert TABLE in tables(raised), done
    raised.guest.run("faasd", "start")  # The bridge's own table.
    raised.wait_whole()


def test_it_is_gone_and_stays_so_once_it_is_taken_back(raised: Node) -> None:
    raised.guest.run("faasd", "install", "--no-firewall")
    assert TABLE not in tables(raised)
    raised.guest.reboot()
    assert TABLE not in tables(raised)
    raised.wait_whole()
