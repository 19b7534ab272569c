"""Machines of one image, booted by systemd: each becomes a node of its own, also by detours."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.client import Client
from tests.images.amazon import Built
from tests.images.conftest import copy
from tests.machine.processes import wait_until
from tests.systemd.guest import Guest

pytestmark = pytest.mark.containerd

FIRST_BOOT = 300.0
"""Seconds that a first boot may take on a loaded machine."""

MADE = "var/lib/faasd/image-first-boot"
PASSWORD = "var/lib/faasd/secrets/basic-auth-password"


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a machine may share with no other."""

    password: str
    machine_id: str
    host_keys: tuple[str, ...]


def own(guest: Guest) -> Own:
    """Return it, from the machine's files."""
    keys = sorted((guest.root / "etc/ssh").glob("ssh_host_*_key.pub"))
    return Own(
        password=(guest.root / PASSWORD).read_text(),
        machine_id=(guest.root / "etc/machine-id").read_text(),
        host_keys=tuple(key.read_text().split()[1] for key in keys),
    )


def boot_first(guest: Guest) -> None:
    """Boot it until it says that it is a node."""
    guest.switch_on()
    took = guest.wait_booted(FIRST_BOOT)
    guest.tell(f"first boot of an image to a node with its functions: {took:.1f} s")
    assert (guest.root / MADE).read_text() == "by itself\n", guest.journal("faasd-image-node")


def answers(name: str, body: bytes = b"hello") -> bytes:
    """Call a function of the machine whose network this is; return what it said."""
    answer = Client("127.0.0.1", 8080).call("POST", f"/function/{name}", body)
    assert answer.status == 200, answer.text
    return answer.body


def test_a_first_boot_makes_a_node_whose_baked_functions_answer(fresh: Guest) -> None:
    boot_first(fresh)
    assert b"hello" in answers("echo")
    assert answers("static")
    assert fresh.run("systemctl", "is-system-running").strip() == "running"
    said = fresh.run("cat", "/etc/motd")
    assert said.count("faasd: ready after") == 1
    assert fresh.show("ssh.service", "ActiveState") == "active"
    assert fresh.run("faasd", "status")
    refused = Client("127.0.0.1", 8080, "admin", "wrong").call("GET", "/system/functions")
    assert refused.status == 401


def test_two_machines_of_one_image_share_nothing_that_must_be_secret(
    fresh: Guest, built: Built, tmp_path: Path
) -> None:
    other = copy(built, tmp_path / "other")
    boot_first(fresh)
    fresh.stop()
    try:
        boot_first(other)
    finally:
        other.stop()
    one, two = own(fresh), own(other)
    assert one.password != two.password
    assert len(one.password) == len(two.password) == 63
    assert one.machine_id != two.machine_id
    assert len(one.machine_id) == len(two.machine_id) == 33
    assert len(one.host_keys) == len(two.host_keys) >= 2
    assert not set(one.host_keys) & set(two.host_keys)


def test_the_first_boot_is_done_once(fresh: Guest) -> None:
    boot_first(fresh)
    before = own(fresh)
    client = Client("127.0.0.1", 8080, "admin", before.password)
    assert client.delete("static").status in (200, 202)
    fresh.stop()
    fresh.switch_on()
    fresh.wait_booted(FIRST_BOOT)
    assert own(fresh) == before
    assert fresh.show("faasd-image-node.service", "ConditionResult") == "no"
    wait_until(client.is_up, 90, "the front door")
    assert client.names() == {"echo"}


@pytest.mark.parametrize("moment", ["login", "functions"])
def test_a_first_boot_that_is_cut_off_is_finished_by_the_second(fresh: Guest, moment: str) -> None:
    reached = {
        "login": fresh.root / PASSWORD,
        "functions": fresh.root / "var/lib/faasd-provider/functions.db",
    }[moment]
    fresh.switch_on()
    wait_until(reached.exists, FIRST_BOOT, f"{reached}")
    fresh.cut_off()
    assert not (fresh.root / MADE).exists()
    # As a power cut leaves what was not on the disk yet.
    key = fresh.root / "etc/ssh/ssh_host_ed25519_key"
    key.write_text("")
    boot_first(fresh)
    assert len(own(fresh).password) == 63
    assert b"hello" in answers("echo")
    assert key.read_text().startswith("-----BEGIN OPENSSH PRIVATE KEY-----")


def test_user_data_that_sets_the_node_up_is_left_to_do_so(fresh: Guest) -> None:
    (fresh.root / "etc/faasd/first-boot.conf").parent.mkdir(exist_ok=True)
    (fresh.root / "etc/faasd/first-boot.conf").write_text("release_url=''\n")
    fresh.switch_on()
    fresh.wait_booted(FIRST_BOOT)
    assert not (fresh.root / MADE).exists()
    assert not (fresh.root / PASSWORD).exists()
    assert "the user-data sets this node up" in fresh.journal("faasd-image-node.service")


def test_a_first_boot_that_fails_says_so_at_login_and_is_tried_again(fresh: Guest) -> None:
    stack = fresh.root / "usr/lib/faasd-image/stack.yml"
    good, motd = stack.read_text(), fresh.root / "etc/motd"
    stack.write_text(good.replace("localhost/static:latest", "localhost/absent:latest"))
    fresh.switch_on()
    wait_until(lambda: "faasd: FAILED at the first boot" in _text(motd), FIRST_BOOT, "a reason")
    assert not (fresh.root / MADE).exists()
    stack.write_text(good)
    wait_until((fresh.root / MADE).exists, FIRST_BOOT, "another try")
    wait_until(lambda: "faasd: ready after" in _text(motd), 30, "the login's last line")
    assert _text(motd).count("faasd: ") == 1


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
