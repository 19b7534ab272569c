"""`faasd cloud doctor` and `ami`, as AWS answers them (moto on loopback)."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from faasd.base.errors import Unavailable
from faasd.cloud.aws import Aws
from tests.terraform.cloud import IMAGES, REGION, Cloud

pytestmark = pytest.mark.timeout(300)
Account = Callable[..., Aws]


@pytest.fixture
def account(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Account:
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    return Aws


def states(aws: Aws, instance_type: str = "t4g.small", subnet: str = "") -> Mapping[str, str]:
    return {one.what: one.advice for one in aws.check(instance_type, subnet)}


def test_an_account_with_room_has_nothing_to_do(account: Account) -> None:
    assert states(account(REGION)) == {
        "credentials": "",
        "instance type": "",
        "addresses": "",
        "default VPC": "",
    }


def test_the_region_of_the_environment_is_taken(account: Account) -> None:
    assert account("").region == REGION


def test_an_instance_type_that_is_not_offered_is_seen(account: Account) -> None:
    assert "takes another one" in states(account(REGION), "x9.huge")["instance type"]


def test_a_region_without_a_default_vpc_is_seen_unless_a_subnet_is_given(
    account: Account, cloud: Cloud
) -> None:
    region = "eu-west-3"
    ec2 = cast("Any", cloud.client("ec2", region))
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    for subnet in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=vpc["VpcId"])
    assert "--set subnet_id" in states(account(region))["default VPC"]
    assert "default VPC" not in states(account(region), subnet="subnet-0123456789abcdef0")


def test_addresses_in_use_are_counted(account: Account, cloud: Cloud) -> None:
    region = "eu-west-1"
    ec2 = cast("Any", cloud.client("ec2", region))
    for _ in range(5):
        ec2.allocate_address(Domain="vpc")
    assert "release an Elastic IP" in states(account(region))["addresses"]


def test_debians_newest_image_is_found_by_architecture(account: Account) -> None:
    assert account(REGION).get_newest_debian("amd64").identity == IMAGES["x86_64"]
    assert account(REGION).get_newest_debian("arm64").identity == IMAGES["arm64"]


def test_ones_own_images_are_listed_newest_first(account: Account, cloud: Cloud) -> None:
    region = "eu-west-2"
    ec2 = cast("Any", cloud.client("ec2", region))
    for name in ("faasd-1", "faasd-2", "other"):
        ec2.register_image(Name=name, RootDeviceName="/dev/xvda")
    names = [image.name for image in account(region).list_images("self", "faasd-*", "")]
    assert names == ["faasd-2", "faasd-1"]


def test_an_aws_that_is_away_is_a_sentence(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(Unavailable, match="AWS does not answer for region"):
        account(REGION).list_images("self", "*", "")
