"""`faasd image load`."""

from contextlib import closing
from pathlib import Path

import click

from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE
from faasd.cli.node import open_this_node


@click.group()
def image() -> None:
    """Images that the node holds."""


@image.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-n",
    "--namespace",
    default=DEFAULT_FUNCTION_NAMESPACE,
    show_default=True,
    help="Who may run it.",
)
def load(file: Path, namespace: str) -> None:
    """Take the images of a `docker save` or OCI archive in, so that functions can name them."""
    with closing(open_this_node()) as node:
        node.namespaces.ensure(namespace, {"openfaas": "true"})
        for held in node.images.load(namespace, file.absolute()):
            print(f"{held.name} {held.digest}")


@image.command(name="list")
@click.option("-n", "--namespace", default=DEFAULT_FUNCTION_NAMESPACE, show_default=True)
def list_images(namespace: str) -> None:
    """List the images that functions of a namespace can name without a registry."""
    with closing(open_this_node()) as node:
        for held in node.images.list(namespace):
            print(f"{held.name} {held.digest} {held.size}")
