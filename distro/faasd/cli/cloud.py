"""`faasd cloud`: nodes at AWS and DigitalOcean, from your laptop."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from faasd.base.errors import FaasdError
from faasd.cli.table import render_table
from faasd.cloud.directory import (
    CLOUDS,
    Directory,
    get_directory,
    list_nodes,
    new_directory,
)
from faasd.cloud.findings import Finding, find_problem
from faasd.cloud.settings import parse_settings, read_keys

_NAME = click.option("--name", default="faasd", show_default=True, help="The node's name.")
_REGION = click.option(
    "--region", default="", help="Region; at AWS else that of AWS's configuration."
)
_YES = click.option("--yes", is_flag=True, help="Do not ask.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_ARCHITECTURE = click.Choice(["amd64", "arm64"])
_DEFAULT_TYPE = "t4g.small"


@click.group()
def cloud() -> None:
    """Nodes at AWS and DigitalOcean, by Terraform, from your laptop."""


@cloud.command()
@click.argument("where", type=click.Choice(CLOUDS))
@_NAME
@_REGION
@click.option("--release-url", default="", help="Where faasd_VERSION_all.deb is.")
@click.option("--sha256", default="", help="SHA-256 of that file.")
@click.option("--ssh-key", "keys", multiple=True, type=_FILE, help="File with your public key.")
@click.option("--set", "words", multiple=True, metavar="NAME=VALUE", help="A Terraform variable.")
@click.option("--wait", default=900.0, show_default=True, help="Seconds; 0: do not wait.")
@_YES
def up(  # noqa: PLR0913, PLR0917
    where: str,
    name: str,
    region: str,
    release_url: str,
    sha256: str,
    keys: tuple[Path, ...],
    words: tuple[str, ...],
    wait: float,
    yes: bool,  # noqa: FBT001
) -> None:
    """Make a node, or change one to new settings: shows the plan, asks, applies, waits, logs in.

    What was set before and is not given now stays.
    """
    from faasd.cloud.node import bring_up, describe_login, find_reach, wait_until_ready

    release = {"release_url": release_url, "release_sha256": sha256}
    given = {key: value for key, value in release.items() if value}
    place = {"do_region": region} if region and where == "digitalocean" else {}
    settings = {**given, **place, **read_keys(keys), **parse_settings(words)}
    directory = new_directory(name, where)
    region = region or directory.region()
    _stop_at_problem(_check(where, region, {**directory.settings(), **settings}))
    directory.prepare(settings, region)
    if not bring_up(directory, lambda: yes or _confirm(directory, "Apply this to"), print):
        return
    reach = find_reach(directory)
    if reach is None:
        raise FaasdError(f"node {name} has no outputs: see {directory.root}")
    if wait:
        wait_until_ready(reach, wait, print)
    print(describe_login(directory, reach))


@cloud.command()
@_NAME
def status(name: str) -> None:
    """Show a node and whether it answers; ends with 1 where it does not."""
    from faasd.cloud.node import describe_login, describe_state, find_reach

    directory = get_directory(name)
    reach = find_reach(directory)
    said, is_fine = describe_state(reach)
    print(f"node     {name} at {directory.cloud}: {said}")
    if reach is not None:
        print(describe_login(directory, reach))
    sys.exit(0 if is_fine else 1)


@cloud.command(name="list")
def list_all() -> None:
    """List the nodes that were made from here."""
    rows = [
        (name, get_directory(name).cloud, str(get_directory(name).root)) for name in list_nodes()
    ]
    print(render_table(("NODE", "CLOUD", "TERRAFORM"), rows) if rows else "no nodes")


@cloud.command()
@_NAME
@_YES
def destroy(name: str, yes: bool) -> None:  # noqa: FBT001
    """Remove a node with all its functions, its disks and its address."""
    from faasd.cloud.terraform import Terraform

    directory = get_directory(name)
    if not yes and not _confirm(directory, "Destroy, with its functions and data,"):
        print("nothing was destroyed")
        return
    terraform = Terraform(directory.root)
    terraform.init()
    terraform.destroy()
    directory.remove()
    print(f"node {name} is gone")


@cloud.command()
@click.argument("where", type=click.Choice(CLOUDS))
@_REGION
@click.option("--instance-type", default=_DEFAULT_TYPE, show_default=True, help="Of AWS.")
def doctor(where: str, region: str, instance_type: str) -> None:
    """Look at credentials, region and quotas; ends with 1 where something is to be done."""
    findings = _check(where, region, {"instance_type": instance_type})
    rows = [(one.what, one.state, one.advice) for one in findings]
    print(render_table(("WHAT", "STATE", "WHAT TO DO"), rows))
    sys.exit(1 if find_problem(findings) else 0)


@cloud.group()
def ami() -> None:
    """Images at AWS that a node can be made of."""


@ami.command()
@_REGION
@click.option("--arch", type=_ARCHITECTURE, default="arm64", show_default=True)
def find(region: str, arch: str) -> None:
    """Print Debian 12's newest image, which `faasd cloud up aws` takes."""
    from faasd.cloud.aws import Aws

    image = Aws(region).get_newest_debian(arch)
    print(f"{image.identity}  {image.name}")


@ami.command(name="list")
@_REGION
@click.option("--match", default="faasd-*", show_default=True, help="Names to list.")
def list_images(region: str, match: str) -> None:
    """List your own images; `--set ami_name=NAME` makes a node of one."""
    from faasd.cloud.aws import Aws

    found = Aws(region).list_images("self", match, "")
    rows = [(one.identity, one.name, one.architecture, one.created) for one in found]
    head = ("IMAGE", "NAME", "ARCHITECTURE", "CREATED")
    print(render_table(head, rows) if rows else f"no image of yours is named {match}")


def _check(where: str, region: str, settings: Mapping[str, object]) -> Sequence[Finding]:
    from faasd.cloud.program import check_program

    program = check_program()
    if where == "digitalocean":
        from faasd.cloud.digitalocean import TOKEN, check_digitalocean

        if token := settings.get("do_token"):
            os.environ[TOKEN] = str(token)
        return (program, *check_digitalocean())
    from faasd.cloud.aws import Aws

    kind = str(settings.get("instance_type") or _DEFAULT_TYPE)
    subnet = str(settings.get("subnet_id") or "")
    return (program, *Aws(region).check(kind, subnet))


def _stop_at_problem(findings: Sequence[Finding]) -> None:
    if problem := find_problem(findings):
        raise FaasdError(f"{problem.what}: {problem.state}. {problem.advice}")


def _confirm(directory: Directory, what: str) -> bool:
    return click.confirm(f"{what} node {directory.name} at {directory.cloud}?")
