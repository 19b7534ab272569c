"""Where the node is called: what its compose file tells the router to listen on, or its domain."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from faasd.base.errors import FaasdError
from faasd.installer.choices import read_choices
from faasd.installer.paths import COMPOSE_FILE, Machine
from faasd.supervisor.binds import list_binds
from faasd.supervisor.compose.load import load_compose
from faasd.supervisor.compose.ports import EVERYWHERE
from faasd.supervisor.compose.values import Port

ROUTER = "router"
DEFAULT = Port(address=EVERYWHERE, published=8080, target=8080)


@click.command()
def url() -> None:
    """Print the node's URL: of its domain, or the front door's as the node itself reaches it."""
    if domain := read_choices(Machine()).domain:
        print(f"https://{domain}")
        return
    host, port = find_front_door()
    print(f"http://{host}:{port}")


def find_front_door() -> tuple[str, int]:
    """Return address and port, as the node itself reaches them."""
    return reach(list_front_doors()[0])


def reach(door: Port) -> tuple[str, int]:
    """Return address and port by which the node itself reaches a port of its own."""
    return "127.0.0.1" if door.address == EVERYWHERE else door.address, door.published


def list_front_doors() -> Sequence[Port]:
    """Return where the router listens; as shipped where the file does not tell."""
    try:
        services = load_compose(Path(COMPOSE_FILE), os.environ)
    except FaasdError:
        return (DEFAULT,)
    router = next((one for one in services if one.name == ROUTER), None)
    if router is None:
        return (DEFAULT,)
    binds = [port for _, port in list_binds(router)]
    return (*binds, *router.ports) or (DEFAULT,)
