"""Where the node is called: what its compose file tells the router to listen on."""

import os
from pathlib import Path

import click

from faasd.base.errors import FaasdError
from faasd.installer.paths import COMPOSE_FILE
from faasd.supervisor.binds import list_binds
from faasd.supervisor.compose.load import load_compose
from faasd.supervisor.compose.ports import EVERYWHERE
from faasd.supervisor.compose.values import Port

ROUTER = "router"
DEFAULT = Port(address=EVERYWHERE, published=8080, target=8080)


@click.command()
def url() -> None:
    """Print the URL of the node's front door, as the node itself reaches it."""
    host, port = find_front_door()
    print(f"http://{host}:{port}")


def find_front_door() -> tuple[str, int]:
    """Return address and port; those that are shipped where the file tells none."""
    door = _published() or DEFAULT
    return "127.0.0.1" if door.address == EVERYWHERE else door.address, door.published


def _published() -> Port | None:
    try:
        services = load_compose(Path(COMPOSE_FILE), os.environ)
    except FaasdError:
        return None
    router = next((one for one in services if one.name == ROUTER), None)
    if router is None:
        return None
    binds = [port for _, port in list_binds(router)]
    return next(iter((*binds, *router.ports)), None)
