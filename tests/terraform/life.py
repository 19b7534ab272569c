"""One life of a node on AWS by `faasd cloud`: made, planned again, changed, destroyed."""

import base64
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tests.terraform.cloud import REGION, Cloud
from tests.terraform.laptop import Laptop
from tests.terraform.place import KEY, RELEASE, Place, flags

ROOT = "aws"
ZONE = "example.com"
DOMAIN = "faasd.example.com"
NAMED = ("--name=edge",)
FIRST = {
    "ssh_cidrs": ["198.51.100.7/32", "2001:db8::/32"],
    "web_cidrs": ["0.0.0.0/0"],
    "domain": DOMAIN,
    "letsencrypt_email": "admin@example.com",
    "instance_type": "t4g.small",
    "enable_ssm": True,
    "tags": {"team": "edge"},
}
CHANGES = {
    "gateway_cidrs": ["203.0.113.0/24"],
    "web_cidrs": [],
    "data_volume_size": 20,
    "enable_ssm": False,
    "tags": {"team": "core"},
}
Seen = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What AWS has, as boto3 reads it back."""

    instances: Sequence[Seen]
    groups: Sequence[Seen]
    rules: Sequence[Seen]
    volumes: Sequence[Seen]
    addresses: Sequence[Seen]
    records: Sequence[Seen]
    profiles: Sequence[Seen]
    roles: Sequence[Seen]

    @property
    def instance(self) -> Seen:
        assert len(self.instances) == 1
        return self.instances[0]

    def volume(self, name: str) -> Seen:
        return next(one for one in self.volumes if tags_of(one).get("Name") == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What was seen.

    Attributes:
        made, listed, state, gone: what up, list, status and destroy said.
        user_data: as the instance has it.
        left: the nodes' directories after destroy.
        drift: how `plan -detailed-exitcode` ended after the first apply: 0 is none.
        outputs: after the first apply.
        replaced: what a plan with another release would touch.
    """

    made: str
    applied: Snapshot
    user_data: str
    outputs: Mapping[str, str]
    drift: int
    drift_said: str
    replaced: Sequence[str]
    listed: str
    state: str
    changed: Snapshot
    changed_outputs: Mapping[str, str]
    gone: str
    destroyed: Snapshot
    left: Sequence[str]


def live(cloud: Cloud, top: Path) -> Life:
    """Let a node live, by the commands that a person gives; every step must succeed."""
    laptop = Laptop.with_override(top, cloud)
    place = laptop.place
    made = laptop.faasd("up", "aws", *NAMED, "--yes", "--wait=0", *_first_options(top, cloud))
    applied, outputs = look(cloud), place.outputs(ROOT)
    user_data = read_user_data(cloud, applied)
    again = place.terraform(ROOT, "plan", "-no-color", "-input=false", "-detailed-exitcode")
    replaced = _plan_replaced(place, {"release_sha256": "f" * 64})
    listed, state = laptop.faasd("list"), laptop.ask("status", *NAMED)
    laptop.faasd("up", "aws", *NAMED, "--yes", "--wait=0", *_sets(CHANGES))
    changed, changed_outputs = look(cloud), place.outputs(ROOT)
    gone = laptop.faasd("destroy", *NAMED, "--yes")
    return Life(
        made=made,
        applied=applied,
        user_data=user_data,
        outputs=outputs,
        drift=again.status,
        drift_said=again.said,
        replaced=replaced,
        listed=listed,
        state=state.said,
        changed=changed,
        changed_outputs=changed_outputs,
        gone=gone,
        destroyed=look(cloud),
        left=sorted(one.name for one in laptop.nodes.iterdir()),
    )


def _first_options(top: Path, cloud: Cloud) -> Sequence[str]:
    key = top / "key.pub"
    key.write_text(f"{KEY}\n")
    release = [f"--release-url={RELEASE['release_url']}", f"--sha256={RELEASE['release_sha256']}"]
    zone = {"route53_zone_id": _make_zone(cloud)}
    return [*release, f"--ssh-key={key}", f"--region={REGION}", *_sets({**FIRST, **zone})]


def _sets(variables: Mapping[str, object]) -> Sequence[str]:
    return [
        f"--set={name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in variables.items()
    ]


def _make_zone(cloud: Cloud) -> str:
    route53 = cast("Any", cloud.client("route53"))
    zone = route53.create_hosted_zone(Name=ZONE, CallerReference="test")["HostedZone"]["Id"]
    return str(zone).removeprefix("/hostedzone/")


def _plan_replaced(place: Place, variables: Mapping[str, object]) -> Sequence[str]:
    place.must(ROOT, "plan", "-input=false", "-refresh=false", "-out=other", *flags(variables))
    shown = subprocess.run(
        ["terraform", "show", "-json", "other"],
        cwd=place.at(ROOT),
        env=dict(place.environment),
        capture_output=True,
        text=True,
        check=True,
    )
    plan = cast("Any", json.loads(shown.stdout))
    return sorted(
        str(one["address"])
        for one in plan["resource_changes"]
        if one["change"]["actions"] not in (["no-op"], ["read"])
    )


def look(cloud: Cloud) -> Snapshot:
    """Ask AWS for everything of ours: what is tagged `faasd`, and the zone's records."""
    ec2, iam = cast("Any", cloud.client("ec2")), cast("Any", cloud.client("iam"))
    route53 = cast("Any", cloud.client("route53"))
    ours = [{"Name": "tag:faasd", "Values": ["edge"]}]
    reservations = ec2.describe_instances(Filters=ours)["Reservations"]
    groups = ec2.describe_security_groups(Filters=ours)["SecurityGroups"]
    zones = route53.list_hosted_zones()["HostedZones"]
    return Snapshot(
        instances=[
            one
            for reservation in reservations
            for one in reservation["Instances"]
            if one["State"]["Name"] != "terminated"
        ],
        groups=groups,
        rules=[rule for group in groups for rule in _rules(ec2, group["GroupId"])],
        volumes=ec2.describe_volumes(Filters=ours)["Volumes"],
        addresses=ec2.describe_addresses(Filters=ours)["Addresses"],
        records=[
            record
            for zone in zones
            for record in route53.list_resource_record_sets(HostedZoneId=zone["Id"])[
                "ResourceRecordSets"
            ]
            if record["Type"] == "A"
        ],
        profiles=iam.list_instance_profiles()["InstanceProfiles"],
        roles=iam.list_roles()["Roles"],
    )


def _rules(ec2: Any, group: str) -> Sequence[Seen]:
    found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    return cast("Sequence[Seen]", found["SecurityGroupRules"])


def read_user_data(cloud: Cloud, seen: Snapshot) -> str:
    ec2 = cast("Any", cloud.client("ec2"))
    found = ec2.describe_instance_attribute(
        InstanceId=seen.instance["InstanceId"], Attribute="userData"
    )
    return base64.b64decode(found["UserData"]["Value"]).decode()


def tags_of(one: Seen) -> Mapping[str, str]:
    return {tag["Key"]: tag["Value"] for tag in one.get("Tags", [])}


def doors(rules: Sequence[Seen]) -> set[tuple[int, str]]:
    """Return ports and networks that are let in."""
    return {
        (rule["FromPort"], rule.get("CidrIpv4") or rule.get("CidrIpv6") or "")
        for rule in rules
        if not rule["IsEgress"]
    }
