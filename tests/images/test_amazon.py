"""A build by Packer at a stand-in of Amazon's API, into a machine that systemd booted."""

import hashlib
import re
import subprocess
from typing import Any, cast

import pytest

from tests.images.amazon import Built, Taken

_LEFT = (
    "etc/ssh/ssh_host_*",
    "home/*/.ssh/authorized_keys",
    "root/.ssh/authorized_keys",
    "etc/sudoers.d/90-cloud-init-users",
    "etc/hostname",
    "var/lib/cloud/*",
    "var/lib/faasd/secrets",
    "var/lib/faasd/image-first-boot",
    "var/lib/faasd-provider",
    "var/lib/systemd/random-seed",
    "var/lib/apt/lists/*",
    "var/cache/apt/archives/*.deb",
    "var/cache/faasd/*.tar",
    "tmp/faasd-image",
)
"""What no image may have."""

_PURL = re.compile(
    r"pkg:deb/debian/[a-zA-Z0-9.%-]+@[^?@]+\?arch=(amd64|all)&distro=debian-12&upstream=.+"
)


def test_the_image_is_registered_and_nothing_of_the_build_is_left(taken: Taken) -> None:
    assert [image["Name"] for image in taken.images] == ["faasd-0.1.0"]
    tags = {tag["Key"]: tag["Value"] for tag in taken.images[0]["Tags"]}
    assert tags == {"Name": "faasd-0.1.0", "faasd": "0.1.0"}
    assert taken.states == ["terminated"]
    assert taken.keys == []
    assert taken.groups == ["default"]


def test_the_manifest_says_what_the_image_is(built: Built, taken: Taken) -> None:
    manifest = built.read("manifest.json")
    assert manifest["builder"] == "amazon-ebs"
    assert manifest["artifact"] == f"eu-central-1:{taken.images[0]['ImageId']}"
    assert manifest["faasd"] == "0.1.0"
    assert manifest["architecture"] == "amd64"
    assert set(manifest["functions"]) == {"localhost/echo:latest", "localhost/static:latest"}
    release = next((built.release / "packages").glob("faasd_*_all.deb"))
    assert manifest["release_sha256"] == hashlib.sha256(release.read_bytes()).hexdigest()


def test_the_checksums_are_right(built: Built) -> None:
    sums = f"{built.output.name}.sha256"
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", sums],
        cwd=built.output.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout == "node.sbom.cdx.json: OK\nnode.manifest.json: OK\n"


def test_the_list_of_what_is_inside_is_dpkgs_own(built: Built) -> None:
    bom = built.read("sbom.cdx.json")
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.4")
    listed = cast("list[dict[str, Any]]", bom["components"])
    found = {one["name"]: one["version"] for one in listed if one["type"] == "library"}
    assert found == _packages(built)
    assert built.read("manifest.json")["packages"] == len(found)
    assert {"containerd", "faasd", "libc6", "skopeo"} <= set(found)
    purls = [one["purl"] for one in listed if one["type"] == "library"]
    assert [purl for purl in purls if not _PURL.fullmatch(purl)] == []
    names = {one["name"] for one in listed if one["type"] == "container"}
    assert {"localhost/echo:latest", "faasd core image router"} <= names
    assert len({one["bom-ref"] for one in listed}) == len(listed)


@pytest.mark.parametrize("pattern", _LEFT)
def test_nothing_that_is_one_machines_own_is_in_the_image(built: Built, pattern: str) -> None:
    assert list(built.root.glob(pattern)) == []


def test_the_image_has_no_machine_id(built: Built) -> None:
    assert (built.root / "etc/machine-id").read_bytes() == b""


def _packages(built: Built) -> dict[str, str]:
    asked = subprocess.run(
        ["dpkg-query", f"--admindir={built.root}/var/lib/dpkg", "-W"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    rows = (line.split("\t") for line in asked.stdout.splitlines())
    return {name.partition(":")[0]: version for name, version in rows if version}
