"""The disk that Packer makes for QEMU: it boots from nothing else, without a network."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.client import Client
from tests.images.emulated import Emulated, build_disk, closed, make
from tests.images.packer import make_place
from tests.vm.machine import ADDRESS
from tests.vm.times import TIMES

pytestmark = [pytest.mark.emulated, pytest.mark.containerd, pytest.mark.timeout(10800)]

READY = "faasd: ready after"
FIRST_BOOT = 600.0
"""Seconds on an unloaded machine."""

OWN = (
    "/var/lib/faasd/secrets/basic-auth-password",
    "/etc/machine-id",
    "/etc/ssh/ssh_host_ed25519_key.pub",
    "/etc/ssh/ssh_host_rsa_key.pub",
)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = build_disk(make_place(tmp_path_factory.mktemp("place")))
    size = made.stat().st_size / 1e6
    TIMES.say("size of the qcow2 that Packer made", f"{size:.0f} MB")
    return made


@pytest.fixture(scope="module")
def first(disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    """A machine of a larger disk that became a node, was called, and is off."""
    machine = make(tmp_path_factory.mktemp("first"), disk, "8G")
    machine.network = closed()
    try:
        machine.start()
        took = machine.wait_said((READY,), FIRST_BOOT)
        TIMES.note("power on to a node with its functions, first boot of an image", took)
        answer = Client(ADDRESS, 8080).call("POST", "/function/echo", b"hello")
        assert answer.status == 200, answer.text
        assert b"hello" in answer.body
        machine.shut_down()
        yield machine
    finally:
        machine.cut_power()


def test_a_disk_of_packer_boots_without_network_and_a_baked_function_answers(
    first: Emulated,
) -> None:
    line = next(line for line in first.console.splitlines() if READY in line)
    assert re.search(r"http://10\.0\.2\.15:8080, user admin, password: sudo cat ", line)
    assert first.read("/var/lib/faasd/image-first-boot") == "by itself\n"


def test_the_root_is_as_large_as_the_disk(first: Emulated) -> None:
    said = first.console
    assert "the root could not be grown" not in said
    found = re.search(r"Block count: +(\d+)", first.ask_filesystem())
    assert found is not None
    assert int(found[1]) * 4096 > 7.8 * (1 << 30)


def test_a_power_cut_in_the_first_boot_is_finished_by_the_second_and_all_is_its_own(
    first: Emulated, disk: Path, tmp_path: Path
) -> None:
    other = make(tmp_path / "other", disk)
    try:
        other.start()
        other.wait_said(("login: made",), FIRST_BOOT)
        other.cut_power()
        cut = len(other.console)
        other.start()
        took = other.wait_said((READY,), FIRST_BOOT, cut)
        TIMES.note("power on to a node after a power cut in the first boot, no network card", took)
        other.shut_down()
    finally:
        other.cut_power()
    for path in OWN:
        ours, theirs = first.read(path), other.read(path)
        assert len(ours) > 30
        assert len(theirs) > 30
        assert ours.split()[:2] != theirs.split()[:2], path
    assert other.read("/var/lib/faasd/image-first-boot") == "by itself\n"


def test_the_manifest_has_the_disk_with_its_sizes(disk: Path) -> None:
    manifest = json.loads((disk.parents[1] / "node.manifest.json").read_text())
    assert manifest["builder"] == "qemu"
    assert [each["file"] for each in manifest["disks"]] == [str(disk)]
    found = manifest["disks"][0]
    assert found["format"] == "qcow2"
    assert found["disk_bytes"] == 6 << 30
    assert found["bytes"] == disk.stat().st_size
