"""terraform/aws, applied by the real provider; boto3 reads back what came of it."""

import pytest
import yaml

from tests.terraform.cloud import IMAGES
from tests.terraform.life import DOMAIN, Life, doors, tags_of
from tests.terraform.place import KEY, RELEASE

pytestmark = pytest.mark.timeout(900)


def test_a_second_plan_finds_nothing_to_change(life: Life) -> None:
    assert life.drift == 0, life.drift_said


def test_a_graviton_type_gets_debians_image_for_its_architecture(life: Life) -> None:
    assert life.applied.instance["InstanceType"] == "t4g.small"
    assert life.applied.instance["ImageId"] == IMAGES["arm64"] == life.outputs["ami_id"]


def test_metadata_needs_a_token_and_crosses_no_second_hop(life: Life) -> None:
    options = life.applied.instance["MetadataOptions"]
    assert options["HttpTokens"] == "required"
    assert options["HttpPutResponseHopLimit"] == 1


def test_root_and_data_volume_are_encrypted_gp3(life: Life) -> None:
    volumes = [life.applied.volume(name) for name in ("edge root", "edge data")]
    assert [(one["Encrypted"], one["VolumeType"]) for one in volumes] == [(True, "gp3")] * 2
    assert [one["Size"] for one in volumes] == [20, 10]


def test_the_data_volume_is_in_the_instances_zone_and_attached(life: Life) -> None:
    data = life.applied.volume("edge data")
    assert data["AvailabilityZone"] == life.applied.instance["Placement"]["AvailabilityZone"]
    (attached,) = data["Attachments"]
    assert attached["InstanceId"] == life.applied.instance["InstanceId"]
    assert attached["Device"] == "/dev/sdf"


def test_only_the_doors_asked_for_are_open(life: Life) -> None:
    assert doors(life.applied.rules) == {
        (22, "198.51.100.7/32"),
        (22, "2001:db8::/32"),
        (80, "0.0.0.0/0"),
        (443, "0.0.0.0/0"),
    }


def test_the_instance_has_that_security_group_alone(life: Life) -> None:
    groups = [one["GroupId"] for one in life.applied.instance["SecurityGroups"]]
    assert groups == [life.outputs["security_group_id"]]


def test_the_elastic_address_leads_to_the_instance(life: Life) -> None:
    (address,) = life.applied.addresses
    assert address["InstanceId"] == life.applied.instance["InstanceId"]
    assert address["PublicIp"] == life.outputs["node_ip"]


def test_the_domains_record_has_the_elastic_address(life: Life) -> None:
    (record,) = life.applied.records
    assert record["Name"] == f"{DOMAIN}."
    assert record["ResourceRecords"] == [{"Value": life.outputs["node_ip"]}]


def test_systems_manager_is_allowed_when_asked_for(life: Life) -> None:
    (profile,) = life.applied.profiles
    assert life.applied.instance["IamInstanceProfile"]["Arn"] == profile["Arn"]
    assert [role["RoleName"] for role in profile["Roles"]] == [
        role["RoleName"] for role in life.applied.roles
    ]


def test_everything_has_name_and_tags(life: Life) -> None:
    seen = life.applied
    for one in (seen.instance, *seen.groups, *seen.volumes, *seen.addresses):
        assert tags_of(one)["faasd"] == "edge"
        assert tags_of(one)["team"] == "edge"
        assert tags_of(one)["Name"].startswith("edge")


def test_outputs_lead_to_the_node_and_show_no_password(life: Life) -> None:
    assert life.outputs["gateway_url"] == f"https://{DOMAIN}"
    assert life.outputs["login_cmd"].endswith(f"--gateway https://{DOMAIN} --password-stdin")
    assert life.outputs["ssh_cmd"].endswith(f"admin@{life.outputs['node_ip']}")
    assert len(life.outputs["password"]) == 63
    open_ones = [value for name, value in life.outputs.items() if name != "password"]
    assert not any(life.outputs["password"] in value for value in open_ones)


def test_the_instance_has_the_rendered_user_data(life: Life) -> None:
    data = yaml.safe_load(life.user_data)
    settings = data["write_files"][0]["content"]
    assert data["ssh_authorized_keys"] == [KEY]
    assert data["hostname"] == "edge"
    volume = life.applied.volume("edge data")["VolumeId"].replace("-", "")
    assert f"nvme-Amazon_Elastic_Block_Store_{volume} /dev/xvdf'" in settings
    for line in (
        f"release_url='{RELEASE['release_url']}'",
        f"release_sha256='{RELEASE['release_sha256']}'",
        f"domain='{DOMAIN}'",
        f"password='{life.outputs['password']}'",
    ):
        assert f"{line}\n" in settings


def test_another_release_replaces_the_instance_and_keeps_its_data_and_address(life: Life) -> None:
    assert life.replaced == [
        "aws_eip_association.node",
        "aws_instance.node",
        "aws_volume_attachment.data[0]",
    ]


def test_changed_doors_are_changed_in_place(life: Life) -> None:
    assert doors(life.changed.rules) == {
        (22, "198.51.100.7/32"),
        (22, "2001:db8::/32"),
        (8080, "203.0.113.0/24"),
    }
    assert life.changed.instance["InstanceId"] == life.applied.instance["InstanceId"]


def test_the_data_volume_grows_in_place(life: Life) -> None:
    assert life.changed.volume("edge data")["Size"] == 20
    old, new = (seen.volume("edge data")["VolumeId"] for seen in (life.applied, life.changed))
    assert old == new


def test_systems_manager_goes_when_not_asked_for(life: Life) -> None:
    assert (life.changed.profiles, life.changed.roles) == ([], [])


def test_changed_tags_reach_everything(life: Life) -> None:
    seen = life.changed
    for one in (seen.instance, *seen.groups, *seen.volumes, *seen.addresses):
        assert tags_of(one)["team"] == "core"


def test_the_password_stays_while_settings_change(life: Life) -> None:
    assert life.changed_outputs["password"] == life.outputs["password"]


def test_destroy_leaves_nothing(life: Life) -> None:
    left = life.destroyed
    assert not any(
        (left.instances, left.groups, left.volumes, left.addresses, left.records, left.roles)
    )
    assert not left.profiles


def test_up_shows_the_plan_and_ends_with_how_to_log_in(life: Life) -> None:
    assert "Plan: 17 to add, 0 to change, 0 to destroy" in life.made
    assert f"gateway https://{DOMAIN} login (cd " in life.made
    assert life.outputs["password"] not in life.made


def test_list_and_status_know_the_node(life: Life) -> None:
    assert "edge aws" in life.listed
    assert f"node edge at aws: https://{DOMAIN} does not answer" in life.state
    assert life.outputs["password"] not in life.state


def test_destroy_forgets_the_node(life: Life) -> None:
    assert life.gone.endswith("node edge is gone")
    assert life.left == []
