"""AWS's API by boto3: what there is before Terraform is asked, and images."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from faasd.base.errors import FaasdError, NotFound, Unauthorized, Unavailable
from faasd.cloud.findings import Finding

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

DEBIAN = "136693071363"
ARCHITECTURES = {"amd64": "x86_64", "arm64": "arm64"}
_CREDENTIALS = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; try aws configure"
_BAD_LOGIN = (
    "AuthFailure",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "RequestExpired",
    "UnrecognizedClientException",
    "OptInRequired",
)
Answer = Mapping[str, Sequence[Mapping[str, object]]]


class _Ec2(Protocol):
    def describe_images(self, **wanted: object) -> Answer: ...
    def describe_vpcs(self, **wanted: object) -> Answer: ...
    def describe_addresses(self) -> Answer: ...
    def describe_account_attributes(self, **wanted: object) -> Answer: ...
    def describe_instance_type_offerings(self, **wanted: object) -> Answer: ...


class _Sts(Protocol):
    def get_caller_identity(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An Amazon machine image."""

    identity: str
    name: str
    architecture: str
    created: str


class Aws:
    """An account in one region."""

    def __init__(self, region: str) -> None:
        """Take the region, or that of AWS's own configuration where it is empty.

        boto3 reads only AWS_DEFAULT_REGION; Terraform's provider reads AWS_REGION first.
        """
        try:
            import boto3
        except ImportError:
            raise FaasdError("`faasd cloud` needs its extra: pip install 'faasd[cloud]'") from None
        with _sentences(region):
            self._session = boto3.session.Session(
                region_name=region or os.environ.get("AWS_REGION") or None
            )
        self.region = str(self._session.region_name or "")

    def list_images(self, owner: str, name: str, architecture: str) -> Sequence[Image]:
        """Return the images of an owner whose name matches (``*``), the newest first.

        Raises:
            Unauthorized: AWS does not know the caller.
            Unavailable: AWS does not answer.
        """
        wanted = {"name": name, "state": "available"}
        if architecture:
            wanted["architecture"] = ARCHITECTURES[architecture]
        filters = [{"Name": key, "Values": [value]} for key, value in wanted.items()]
        with _sentences(self.region):
            found = self._ec2().describe_images(Owners=[owner], Filters=filters)["Images"]
        images = [_image(one) for one in found]
        return sorted(images, key=lambda one: (one.created, one.name), reverse=True)

    def get_newest_debian(self, architecture: str) -> Image:
        """Return the newest image of Debian 12.

        Raises:
            NotFound: the region has none.
        """
        images = self.list_images(DEBIAN, f"debian-12-{architecture}-*", architecture)
        if not images:
            raise NotFound(f"Debian publishes no image for {architecture} in {self.region}")
        return images[0]

    def check(self, instance_type: str, subnet: str) -> Sequence[Finding]:
        """Look at what a node needs; what cannot be seen without credentials is left out.

        Args:
            instance_type: that is wanted.
            subnet: that is wanted; empty: the default VPC is needed.
        """
        who = self._check_credentials()
        if who.advice:
            return (who,)
        checks = [
            lambda: self._check_offer(instance_type),
            self._check_addresses,
            *([] if subnet else [self._check_vpc]),
        ]
        found = [who]
        for check in checks:
            try:
                found.append(check())
            except FaasdError as error:
                found.append(Finding(what="AWS", state=str(error), advice=_CREDENTIALS))
        return found

    def _check_credentials(self) -> Finding:
        try:
            with _sentences(self.region):
                sts = cast("_Sts", self._session.client("sts"))
                return Finding(what="credentials", state=sts.get_caller_identity()["Arn"])
        except Unauthorized as error:
            return Finding(what="credentials", state=str(error), advice=_CREDENTIALS)
        except FaasdError as error:
            return Finding(what="region", state=str(error), advice="give --region eu-central-1")

    def _check_offer(self, instance_type: str) -> Finding:
        filters = [{"Name": "instance-type", "Values": [instance_type]}]
        with _sentences(self.region):
            found = self._ec2().describe_instance_type_offerings(Filters=filters)
        if found["InstanceTypeOfferings"]:
            return Finding(what="instance type", state=f"{self.region} offers {instance_type}")
        return Finding(
            what="instance type",
            state=f"{self.region} does not offer {instance_type}",
            advice="--set instance_type=... takes another one",
        )

    def _check_vpc(self) -> Finding:
        filters = [{"Name": "is-default", "Values": ["true"]}]
        with _sentences(self.region):
            found = self._ec2().describe_vpcs(Filters=filters)["Vpcs"]
        if found:
            return Finding(what="default VPC", state=str(found[0]["VpcId"]))
        return Finding(
            what="default VPC",
            state=f"{self.region} has none",
            advice="--set subnet_id=... takes a subnet of yours; or aws ec2 create-default-vpc",
        )

    def _check_addresses(self) -> Finding:
        name = "vpc-max-elastic-ips"
        with _sentences(self.region):
            ec2 = self._ec2()
            limits = ec2.describe_account_attributes(AttributeNames=[name])["AccountAttributes"]
            used = len(ec2.describe_addresses()["Addresses"])
        return judge_addresses(used, _limit(limits, name))

    def _ec2(self) -> _Ec2:
        return cast("_Ec2", self._session.client("ec2"))


def judge_addresses(used: int, limit: int | None) -> Finding:
    """Decide whether there is an Elastic IP address to be had; `limit` None: nobody says."""
    state = f"{used} of {'?' if limit is None else limit} in use"
    if limit is None or used < limit:
        return Finding(what="addresses", state=state)
    advice = "release an Elastic IP, or ask AWS for more (Service Quotas, EC2-VPC Elastic IPs)"
    return Finding(what="addresses", state=state, advice=advice)


def _limit(attributes: Sequence[Mapping[str, object]], name: str) -> int | None:
    for one in attributes:
        values = cast("Sequence[Mapping[str, str]]", one.get("AttributeValues", ()))
        if one.get("AttributeName") == name and values:
            return int(values[0]["AttributeValue"])
    return None


def _image(found: Mapping[str, object]) -> Image:
    return Image(
        identity=str(found["ImageId"]),
        name=str(found.get("Name", "")),
        architecture=str(found.get("Architecture", "")),
        created=str(found.get("CreationDate", "")),
    )


@contextmanager
def _sentences(region: str) -> Iterator[None]:
    """Turn botocore's errors into sentences."""
    from botocore import exceptions

    try:
        yield
    except exceptions.ProfileNotFound as error:
        raise Unauthorized(f"AWS: {error}") from None
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError):
        raise Unauthorized("there are no AWS credentials here") from None
    except (exceptions.NoRegionError, exceptions.InvalidRegionError):
        raise Unavailable("no region of AWS is chosen: give --region, or set AWS_REGION") from None
    except exceptions.ClientError as error:
        raise _from_client_error(error) from None
    except (exceptions.EndpointConnectionError, exceptions.HTTPClientError):
        raise Unavailable(
            f"AWS does not answer for region {region!r}: is it a region, and is the network up?"
        ) from None


def _from_client_error(error: "ClientError") -> FaasdError:
    found = error.response.get("Error", {})
    code, said = found.get("Code", "?"), found.get("Message", "")
    if code in _BAD_LOGIN:
        return Unauthorized(f"AWS refuses these credentials ({code}): {said}")
    return Unavailable(f"AWS refuses {error.operation_name} ({code}): {said}")
