"""From `terraform apply` to an invoked function: the server that AWS would have booted."""

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.terraform.cloud import Cloud, run_cloud
from tests.terraform.life import ROOT, Seen, look, read_user_data
from tests.terraform.place import Place, make_place
from tests.vm.cuts import TRUST, Images, settle
from tests.vm.host import find_release
from tests.vm.machine import Machine, wait_slowly
from tests.vm.node import FAILED, FIRST_BOOT, READY, WEB, new_machine, sha256, wait_answers
from tests.vm.times import Times

NAME = "edge"
VENDOR = """\
#cloud-config
bootcmd:
  - [ln, -sfn, "/dev/disk/by-id/virtio-{volume}", "{link}"]
"""
"""What AWS's hardware does: an instance has its volume by this name."""

LINK = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{volume}"
SEEN = "cat /etc/hostname; readlink -f {link}; findmnt -no SOURCE /srv/faasd; cat /etc/motd"
SAID = "cloud-init status --long || true; systemctl --failed --no-legend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What came of `terraform apply`.

    Attributes:
        user_data: as the cloud has it, byte for byte.
        volume: the data volume's serial number.
        took: seconds of the apply.
    """

    place: Place
    cloud: Cloud
    user_data: str
    volume: str
    password: str
    took: float

    @property
    def link(self) -> str:
        return LINK.format(volume=self.volume)

    def destroy(self) -> None:
        """Have Terraform take everything away."""
        self.place.must(ROOT, "destroy", "-no-color", "-input=false", "-auto-approve", seconds=900)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Machine]:
    """A server that was never booted."""
    made = new_machine(tmp_path / "machine")
    try:
        yield made
    finally:
        made.cut_power()


@pytest.fixture
def applied(fresh: Machine, tmp_path: Path) -> Iterator[Applied]:
    """A node of `terraform/aws`, as its README has it, on AWS's API."""
    work = tmp_path / "cloud"
    work.mkdir()
    with run_cloud(work) as cloud:
        place = make_place(tmp_path / "place", cloud.environment)
        cloud.write_provider(place.at(ROOT))
        place.write_variables(ROOT, variables(fresh))
        place.init(ROOT)
        began = time.monotonic()
        place.must(ROOT, "apply", "-no-color", "-input=false", "-auto-approve", seconds=900)
        took, seen = time.monotonic() - began, look(cloud)
        yield Applied(
            place=place,
            cloud=cloud,
            user_data=read_user_data(cloud, seen),
            volume=str(seen.volume(f"{NAME} data")["VolumeId"]).replace("-", ""),
            password=place.outputs(ROOT)["password"],
            took=took,
        )


def variables(machine: Machine) -> Seen:
    """Return what a person fills in: a release, their key, who may come in."""
    release = find_release()
    images = release.parent / "images.tar"
    return {
        "name": NAME,
        "release_url": f"{WEB}/{release.name}",
        "release_sha256": sha256(release),
        "images_url": f"{WEB}/{images.name}",
        "images_sha256": sha256(images),
        "ssh_key_file": str(machine.key.with_suffix(".pub")),
        "instance_type": "t3.small",
        "gateway_cidrs": ["198.51.100.0/24"],
    }


def test_what_terraform_applied_boots_into_a_node_whose_functions_answer(
    applied: Applied, fresh: Machine, images: Images, times: Times
) -> None:
    check_schema(applied.user_data, fresh.directory / "user-data")
    equip(fresh, applied)

    began = time.monotonic()
    fresh.start()
    fresh.wait_said((READY, FAILED), FIRST_BOOT)
    booted = time.monotonic() - began
    assert READY in fresh.console, fresh.tail()
    fresh.do(TRUST)
    invoke(fresh, applied.password, images.make(7))
    answered = time.monotonic() - began

    check_node(fresh, applied)
    applied.destroy()
    left = look(applied.cloud)
    assert not any((left.instances, left.groups, left.volumes, left.addresses))
    times.note("terraform apply of terraform/aws on AWS's API, stood in for", applied.took)
    times.note("  power on to the login line, by the user-data it made", booted)
    times.note("  power on to a function's answer outside, pulled from a registry", answered)


def check_schema(user_data: str, file: Path) -> None:
    """Have cloud-init look at it."""
    file.write_bytes(user_data.encode())
    command = ["cloud-init", "schema", "--config-file", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Valid" in done.stdout


def equip(machine: Machine, applied: Applied) -> None:
    """Give it the user-data as it is, and the data volume that the user-data names."""
    seed, volume = machine.directory / "seed", machine.directory / "data.qcow2"
    seed.mkdir()
    (seed / "user-data").write_bytes(applied.user_data.encode())
    (seed / "meta-data").write_text("instance-id: i-1\nlocal-hostname: ip-10-0-2-15\n")
    (seed / "vendor-data").write_text(VENDOR.format(volume=applied.volume, link=applied.link))
    make = ["genisoimage", "-quiet", "-volid", "cidata", "-joliet", "-rock", "-output"]
    for command in (
        [*make, f"{seed}.iso", str(seed)],
        ["qemu-img", "create", "-q", "-f", "qcow2", str(volume), "10G"],
    ):
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    machine.options = (
        *("-drive", f"file={seed}.iso,if=virtio,format=raw,readonly=on"),
        *("-drive", f"file={volume},if=none,id=data,format=qcow2"),
        *("-device", f"virtio-blk-pci,drive=data,serial={applied.volume}"),
    )


def invoke(machine: Machine, password: str, image: str) -> None:
    """Deploy a function from outside with Terraform's password, and call it."""
    assert machine.front("wrong").deploy("called", image).status == 401
    client = machine.front(password)
    deployed = client.deploy("called", image)
    assert deployed.status in (200, 202), deployed.text
    wait_answers(machine, "called", 120)
    said = json.loads(client.invoke("called", method="POST", body=b"hello").body)
    assert (said["method"], said["body"]) == ("POST", "hello")
    assert said["env"]["VERSION"] == image.rpartition(":")[2]
    wait_slowly(lambda: settle(client, {"called"}), 60, machine.tail)


def check_node(machine: Machine, applied: Applied) -> None:
    """It is named, its functions are on the data volume, and cloud-init ended well."""
    hostname, disk, mounted, *motd = machine.do(SEEN.format(link=applied.link)).splitlines()
    assert hostname == NAME
    assert disk.startswith("/dev/vd")
    assert mounted == disk
    assert any(line.startswith(READY) for line in motd)
    wait_slowly(lambda: machine.run("faasd status").status == 0, 120, machine.tail)
    said = machine.do(f"cloud-init status --wait >/dev/null; {SAID}", 120)
    assert "status: done" in said, said
    assert ".service" not in said, said
