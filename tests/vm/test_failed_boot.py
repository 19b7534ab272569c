"""A first boot that cannot succeed says why, where a person looks, and installs nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from faasd.cloud.config import NodeConfig
from faasd.cloud.trees import read_template
from faasd.cloud.user_data import render_user_data
from tests.vm.host import HOST, PORT, find_release
from tests.vm.machine import Machine
from tests.vm.node import FAILED, FIRST_BOOT, READY, WEB, give, new_machine, sha256
from tests.vm.times import Times

LEFT = """
dpkg-query -W -f '${db:Status-Abbrev} ${Package}\\n' | grep -E 'faasd|containerd|skopeo' || true
ls -d /var/lib/faasd /var/lib/faasd-provider /etc/systemd/system/*.wants/faasd* 2>/dev/null || true
ls /var/cache/faasd 2>/dev/null || true
nft list tables 2>/dev/null || true
"""
"""What an installation would leave; nothing of it may be there."""


TAKEN = "/var/lib/cloud/instance/cloud-config.txt"
"""What cloud-init took from the user-data."""


def settings(machine: Machine) -> NodeConfig:
    """Return what would make it a node."""
    release = find_release()
    return NodeConfig(
        release_url=f"{WEB}/{release.name}",
        release_sha256=sha256(release),
        images_url=f"{WEB}/images.tar",
        images_sha256=sha256(release.parent / "images.tar"),
        ssh_public_keys=(machine.key.with_suffix(".pub").read_text().strip(),),
    )


@pytest.fixture
def fresh(tmp_path: Path) -> Machine:
    """A server that was never booted."""
    return new_machine(tmp_path)


def test_a_first_boot_that_fails_says_why_and_leaves_nothing(fresh: Machine, times: Times) -> None:
    good = settings(fresh)
    give(fresh, f"{render_user_data(read_template(), good)}swop: {{size: 1G}}\n")
    try:
        fresh.start()
        took = fresh.wait_said((FAILED, READY), FIRST_BOOT)
        times.note("power on to the reason of a failed first boot", took)
        check(fresh, f"a key that cloud-init does not know and left out: swop (see {TAKEN})")
        assert "status: error" in fresh.run("cloud-init status --wait --long").output
        fresh.do(f"sed -i '/^swop/d' {TAKEN}")
        for wrong, cause in wrong_settings(good):
            again(fresh, wrong)
            check(fresh, cause)
    finally:
        fresh.cut_power()


def wrong_settings(good: NodeConfig) -> Iterator[tuple[NodeConfig, str]]:
    """Return what cannot work, and what must be said of it."""
    said = f"has SHA-256 {good.release_sha256}, not {'0' * 64}; nothing was installed"
    yield replace(good, release_sha256="0" * 64), said
    for url in (
        f"{WEB}/absent.deb",
        "http://release.invalid/faasd.deb",
        f"http://{HOST}:{PORT + 1}/faasd.deb",
    ):
        yield replace(good, release_url=url), f"{url} cannot be fetched"
    yield (
        replace(good, images_sha256="1" * 64),
        f"{good.images_url} has SHA-256 {good.images_sha256}, not {'1' * 64}",
    )


def again(machine: Machine, wrong: NodeConfig) -> None:
    """Have a person change the settings and run the script by hand; it must fail."""
    for name in ("release_url", "release_sha256", "images_url", "images_sha256"):
        line = f"{name}='{getattr(wrong, name)}'"
        machine.do(f'sed -i "s#^{name}=.*#{line}#" /etc/faasd/first-boot.conf')
    assert machine.run("faasd-first-boot >/dev/ttyS0 2>&1", FIRST_BOOT).status == 1


def check(machine: Machine, cause: str) -> None:
    """The last line of motd names the cause, the console has it, and nothing is installed."""
    lines = [line for line in machine.do("cat /etc/motd").splitlines() if "faasd: " in line]
    assert len(lines) == 1
    assert lines[0].startswith(FAILED)
    assert cause in lines[0]
    assert lines[0].endswith("Then: sudo faasd-first-boot")
    assert lines[0] in machine.console
    assert machine.do(LEFT).replace("faasd.deb\n", "").strip() == ""
