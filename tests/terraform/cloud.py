"""AWS's API as moto_server answers it, with Debian's images in it."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import boto3
from botocore.client import BaseClient

from tests.machine.processes import wait_until
from tests.terraform.place import TOP

REGION = "eu-central-1"
DEBIAN = "136693071363"
IMAGES = {"x86_64": "ami-0deb12a0", "arm64": "ami-0deb12b0"}
PROGRAM = TOP / ".venv" / "cloud" / "bin" / "moto_server"
ACCESS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": REGION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A running moto_server."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """What programs need to take it for AWS."""
        return {**ACCESS, "AWS_ENDPOINT_URL": self.url, "AWS_EC2_METADATA_DISABLED": "true"}

    def client(self, service: str, region: str = REGION) -> BaseClient:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def write_provider(self, root: Path) -> None:
        """Point the AWS provider of a root here; nothing in terraform/ itself knows of it."""
        services = ("ec2", "iam", "sts", "route53")
        endpoints = "\n".join(f'    {service} = "{self.url}"' for service in services)
        (root / "provider_override.tf").write_text(
            f'provider "aws" {{\n  region = "{REGION}"\n'
            "  skip_credentials_validation = true\n  skip_requesting_account_id = true\n"
            f"  skip_metadata_api_check = true\n  endpoints {{\n{endpoints}\n  }}\n}}\n"
        )


@contextmanager
def run_cloud(work: Path) -> Iterator[Cloud]:
    """Run a moto_server for a while."""
    assert PROGRAM.is_file(), f"{PROGRAM} is missing: ./test.sh terraform installs it"
    (work / "amis.json").write_text(json.dumps([_image(*each) for each in IMAGES.items()]))
    cloud = Cloud(port=_free_port())
    with (work / "log").open("w") as log:
        process = subprocess.Popen(
            [str(PROGRAM), "-H", "127.0.0.1", "-p", str(cloud.port)],
            stdout=log,
            stderr=log,
            env={**os.environ, **_settings(work)},
        )
    try:
        wait_until(lambda: _answers(cloud.port), 60, f"moto_server, see {work}/log")
        yield cloud
    finally:
        process.kill()
        process.wait()


def _settings(work: Path) -> Mapping[str, str]:
    """Moto's: images of our own, and AWS's own policies."""
    return {
        "MOTO_AMIS_PATH": str(work / "amis.json"),
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    }


def _image(architecture: str, name: str) -> Mapping[str, object]:
    word = "amd64" if architecture == "x86_64" else architecture
    return {
        "ami_id": name,
        "name": f"debian-12-{word}-20260101-1",
        "description": "Debian 12",
        "owner_id": DEBIAN,
        "public": True,
        "virtualization_type": "hvm",
        "architecture": architecture,
        "state": "available",
        "platform": None,
        "image_type": "machine",
        "hypervisor": "xen",
        "root_device_name": "/dev/xvda",
        "root_device_type": "ebs",
        "sriov": "simple",
        "creation_date": "2026-01-01T00:00:00.000Z",
    }


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/moto-api/")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()
