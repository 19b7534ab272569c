"""An instance as Amazon would run it: moto has its record, and a booted Debian is its machine."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tests.images.packer import BUILT, GOOD, Place, flags
from tests.machine.processes import wait_until
from tests.systemd.guest import Guest
from tests.terraform.cloud import ACCESS, Cloud

BUILD = 420.0
"""Seconds that a whole build may take on a loaded machine."""

USER = "admin"
_RULE = f"{USER} ALL=(ALL) NOPASSWD:ALL\n"
_NOTHING = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build left.

    Attributes:
        root: the files of the machine that was stopped.
        output: the beginning of the names of what Packer carried away.
        release: the folder that it was made of.
    """

    said: str
    root: Path
    output: Path
    release: Path = BUILT / "release"

    def read(self, ending: str) -> dict[str, Any]:
        """Return a file of JSON that the build made."""
        path = self.output.with_name(f"{self.output.name}.{ending}")
        return cast("dict[str, Any]", json.loads(path.read_text()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What the cloud has after a build; images and addresses of its own are not among it."""

    images: list[dict[str, Any]]
    states: list[str]
    keys: list[str]
    groups: list[str]


def take(cloud: Cloud) -> Taken:
    """Ask the cloud."""
    ec2 = cast("Any", cloud.client("ec2"))
    reservations = ec2.describe_instances()["Reservations"]
    return Taken(
        images=ec2.describe_images(Filters=[{"Name": "tag:faasd", "Values": ["*"]}])["Images"],
        states=[one["State"]["Name"] for each in reservations for one in each["Instances"]],
        keys=[one["KeyName"] for one in ec2.describe_key_pairs()["KeyPairs"]],
        groups=[one["GroupName"] for one in ec2.describe_security_groups()["SecurityGroups"]],
    )


def make_machine(guest: Guest) -> None:
    """Make the files of a machine as Debian's image for Amazon is once cloud-init is done."""
    guest.unpack_root(BUILT / "root.tar")
    (guest.root / "etc/sudoers.d/90-cloud-init-users").write_text(_RULE)
    command = ["chroot", str(guest.root), "useradd", "--create-home", "--shell", "/bin/bash", USER]
    subprocess.run(command, check=True, timeout=60)
    (guest.root / "var/lib/cloud/instance").mkdir(parents=True)


def build(guest: Guest, cloud: Cloud, place: Place, stack: Path) -> Built:
    """Have Packer build by a cloud whose instance is the guest, which runs; stop it then."""
    output = place.top / "node"
    variables = GOOD | {
        "aws_endpoint": cloud.url,
        "output": str(output),
        "archives": str(place.top / "packer/archives"),
        "stack": str(stack),
    }
    log = place.top / "packer.log"
    process = place.start(log, "amazon-ebs", *flags(variables))
    try:
        wait_until(lambda: _give_machine(cloud, guest) or process.poll() is not None, 60, "it")
        process.wait(BUILD)
    finally:
        process.kill()
        process.wait()
    said = log.read_text()
    assert process.returncode == 0, said[-6000:]
    return Built(said=said, root=guest.root, output=output)


def environment() -> dict[str, str]:
    """Return what keeps Packer from every account and from the real metadata service."""
    return {**ACCESS, "AWS_EC2_METADATA_DISABLED": "true", "AWS_EC2_METADATA_URL": _NOTHING}


def _give_machine(cloud: Cloud, guest: Guest) -> bool:
    """Once there is an instance: its address leads to the guest, its key opens it."""
    ec2 = cast("Any", cloud.client("ec2"))
    found = ec2.describe_instances()["Reservations"]
    if not found:
        return False
    instance = found[0]["Instances"][0]
    keys = ec2.describe_key_pairs(KeyNames=[instance["KeyName"]], IncludePublicKey=True)
    directory = guest.root / "home" / USER / ".ssh"
    directory.mkdir(exist_ok=True)
    (directory / "authorized_keys").write_text(keys["KeyPairs"][0]["PublicKey"] + "\n")
    address = f"{instance['PublicIpAddress']}/32"
    subprocess.run(["ip", "address", "add", address, "dev", "lo"], check=True, timeout=20)
    return True
