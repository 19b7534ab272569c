"""One life of a node on AWS: applied, planned again, changed, destroyed; what was seen at each."""

import base64
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tests.terraform.cloud import Cloud
from tests.terraform.place import KEY, RELEASE, Place, flags, make_place

ROOT = "aws"
ZONE = "example.com"
DOMAIN = "faasd.example.com"
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
        user_data: as the instance has it.
        drift: how `plan -detailed-exitcode` ended after the first apply: 0 is none.
        outputs: after the first apply.
        replaced: addresses that a plan with another release would replace, and those it would
            delete or make new without that.
    """

    applied: Snapshot
    user_data: str
    outputs: Mapping[str, str]
    drift: int
    drift_said: str
    replaced: Sequence[str]
    changed: Snapshot
    changed_outputs: Mapping[str, str]
    destroyed: Snapshot


def live(cloud: Cloud, top: Path) -> Life:
    """Let a node live; every step must succeed."""
    place = make_place(top, cloud.environment)
    cloud.write_provider(place.at(ROOT))
    place.init(ROOT)
    variables = {
        **RELEASE,
        "name": "edge",
        "ssh_public_keys": [KEY],
        "ssh_cidrs": ["198.51.100.7/32", "2001:db8::/32"],
        "web_cidrs": ["0.0.0.0/0"],
        "domain": DOMAIN,
        "letsencrypt_email": "admin@example.com",
        "route53_zone_id": _make_zone(cloud),
        "instance_type": "t4g.small",
        "enable_ssm": True,
        "tags": {"team": "edge"},
    }
    _apply(place, variables)
    applied, outputs = look(cloud), place.outputs(ROOT)
    user_data = read_user_data(cloud, applied)
    again = place.terraform(
        ROOT, "plan", "-no-color", "-input=false", "-detailed-exitcode", *flags(variables)
    )
    replaced = _plan_replaced(place, {**variables, "release_sha256": "f" * 64})
    changes: dict[str, object] = {
        "gateway_cidrs": ["203.0.113.0/24"],
        "web_cidrs": [],
        "data_volume_size": 20,
        "enable_ssm": False,
        "tags": {"team": "core"},
    }
    variables.update(changes)
    _apply(place, variables)
    changed, changed_outputs = look(cloud), place.outputs(ROOT)
    place.must(ROOT, "destroy", "-no-color", "-auto-approve", *flags(variables))
    return Life(
        applied=applied,
        user_data=user_data,
        outputs=outputs,
        drift=again.status,
        drift_said=again.said,
        replaced=replaced,
        changed=changed,
        changed_outputs=changed_outputs,
        destroyed=look(cloud),
    )


def _apply(place: Place, variables: Mapping[str, object]) -> None:
    place.must(ROOT, "apply", "-no-color", "-input=false", "-auto-approve", *flags(variables))


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
