"""`faasd image load|list|prune`."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE
from faasd.cli.api import Api, open_api
from faasd.cli.node import open_this_node
from faasd.cli.table import render_table
from faasd.node.domain.image import Image
from faasd.node.domain.pruning import list_replaceable, list_unused
from faasd.node.domain.reference import parse_reference
from faasd.node.open import Node

UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024
in_namespace = click.option(
    "-n",
    "--namespace",
    default=DEFAULT_FUNCTION_NAMESPACE,
    show_default=True,
    help="Whose images.",
)


@click.group()
def image() -> None:
    """Images that the node holds."""


@image.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@in_namespace
def load(file: Path, namespace: str) -> None:
    """Take the images of a `docker save` or OCI archive in, so that functions can name them."""
    with closing(open_this_node()) as node:
        node.namespaces.ensure(namespace, {"openfaas": "true"})
        for held in node.images.load(namespace, file.absolute()):
            print(f"{held.name} {held.digest}")


@image.command(name="list")
@in_namespace
def list_images(namespace: str) -> None:
    """List the images that functions of a namespace can name without a registry."""
    with closing(open_this_node()) as node:
        rows = [
            (held.name, held.digest, render_size(held.size)) for held in node.images.list(namespace)
        ]
        print(render_table(("IMAGE", "DIGEST", "SIZE"), rows))
        print(f"on disk: {render_size(node.images.disk_usage(namespace))}")


@image.command()
@in_namespace
@click.option("--all", "everything", is_flag=True, help="Those that were loaded from files, too.")
def prune(namespace: str, everything: bool) -> None:  # noqa: FBT001  # click's
    """Remove the images that no function of a namespace needs, and free their disk.

    Those loaded from files are kept unless --all is given: no registry may have them.
    """
    api = open_api()
    with closing(open_this_node()) as node:
        unused = find_unused(node, api, namespace)
        before = node.images.disk_usage(namespace)
        removed = unused if everything else list_replaceable(unused)
        for held in removed:
            node.images.remove(namespace, held.name)
            print(f"removed {held.name}")
        freed = before - node.images.disk_usage(namespace)
    print(f"{len(removed)} images removed, {render_size(max(freed, 0))} freed")
    if kept := len(unused) - len(removed):
        print(f"{kept} unused ones were loaded from files and kept (--all removes them)")


def find_unused(node: Node, api: Api, namespace: str) -> Sequence[Image]:
    """Return the images that neither a container nor a function that is wanted needs.

    They are listed first: what comes while this asks is not among them.

    Raises:
        Unavailable: the provider does not answer; which functions are asleep only it knows.
    """
    held = node.images.list(namespace)
    wanted = [str(function["image"]) for function in api.list_functions(namespace)]
    running = [workload.record.image for workload in node.workloads.list(namespace)]
    used = {parse_reference(name).name for name in (*wanted, *running)}
    return list_unused(held, used)


def render_size(size: int) -> str:
    """Write a size for people: ``3.4 MiB``."""
    value, unit = float(size), 0
    while value >= _STEP and unit < len(UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{value:.1f} {UNITS[unit]}" if unit else f"{size} B"
