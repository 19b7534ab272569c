"""`faasd stack pull|deploy FILE`: the functions of a stack.yml, for images of machines."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click

from faasd.base.errors import FaasdError
from faasd.cli.api import ACCEPTED, OK, Api, open_api
from faasd.cli.front_door import find_front_door
from faasd.cli.node import open_this_node
from faasd.cli.prove import describe, is_ready, wait
from faasd.cli.stack_file import StackFunction, parse_stack
from faasd.node.open import Node

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def stack() -> None:
    """The functions of a stack.yml."""


@stack.command()
@click.argument("file", type=_FILE)
def pull(file: Path) -> None:
    """Have the images of all functions of FILE on the node; those that it holds are not asked for.

    Only containerd needs to run.
    """
    with closing(open_this_node()) as node:
        for function in read_stack(node, file):
            node.namespaces.ensure(function.namespace, {"openfaas": "true"})
            held = node.images.find(function.namespace, function.image)
            if held is None:
                resolved = node.images.resolve(function.image)
                held = node.images.pull(function.namespace, resolved)
            print(f"{held.name} {held.digest}")


@stack.command()
@click.argument("file", type=_FILE)
@click.option("--timeout", default=180.0, show_default=True, help="Seconds for each wait.")
def deploy(file: Path, timeout: float) -> None:
    """Deploy the functions of FILE that the node does not have, and wait until all are ready."""
    with closing(open_this_node()) as node:
        functions = read_stack(node, file)
    host, port = find_front_door()
    door = replace(open_api(), host=host, port=port)
    wait(door.is_up, timeout, lambda: f"the front door at {door.url}")
    for function in functions:
        deploy_missing(door, function)
    for function in functions:
        wait_ready(door, function, timeout)


def read_stack(node: Node, file: Path) -> Sequence[StackFunction]:
    """Return the functions of the file.

    Raises:
        InvalidInput, Unsatisfiable: as `parse_stack`.
    """
    text = file.read_text(errors="replace")
    return parse_stack(text, node.machine.platform().architecture)


def deploy_missing(api: Api, function: StackFunction) -> None:
    """Ask for a function, unless there is one of its name: it may have been changed since.

    Raises:
        FaasdError: it was not accepted.
    """
    status, _ = api.ask("GET", f"/system/function/{function.name}?namespace={function.namespace}")
    if status == OK:
        return
    status, text = api.ask("POST", "/system/functions", function.body)
    if status not in (OK, ACCEPTED):
        raise FaasdError(f"{api.url} did not accept {function.name}: {status} {text.strip()}")


def wait_ready(api: Api, function: StackFunction, timeout: float) -> None:
    """Wait until a replica of it is ready, and say so."""
    key = f"{function.name}.{function.namespace}"
    wait(
        lambda: is_ready(api, function.name, function.namespace),
        timeout,
        lambda: f"function {key}: {describe(api, function.name, function.namespace)}",
    )
    print(f"{key} is ready: {api.url}/function/{key}")
