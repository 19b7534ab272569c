"""`faasd install` and `faasd uninstall`."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import click

from faasd.base.errors import FaasdError, InvalidInput
from faasd.cli.front_door import list_front_doors, reach
from faasd.installer.bridge import find_bridge
from faasd.installer.choices import Choices, parse_choices, read_choices, write_choices
from faasd.installer.files import put_back_on_failure
from faasd.installer.firewall import set_up_firewall
from faasd.installer.https import FILES as HTTPS_FILES
from faasd.installer.https import require_caddy, set_up_https
from faasd.installer.loopback import list_public, set_router_bind
from faasd.installer.paths import ENVIRONMENT_FILE, NODE_CONFIG, Machine
from faasd.installer.services.choose import service_manager
from faasd.installer.setup import setup_steps
from faasd.installer.steps import Step, run_all_steps, run_steps

_YES = {True: "yes", False: "no"}


@click.command()
@click.option("--domain", metavar="NAME", help="HTTPS under this name; '' for none.")
@click.option("--no-domain", is_flag=True, help="The same as --domain ''.")
@click.option("--email", metavar="ADDRESS", help="Where the authority of certificates writes to.")
@click.option(
    "--tls",
    type=click.Choice(["acme", "internal"]),
    help="Who signs: the public authority, or one of the machine's own.",
)
@click.option("--firewall/--no-firewall", default=None, help="The machine's own firewall.")
@click.option("--open", "open_", metavar="PORTS", help="More for it to let in: '5432 51820/udp'.")
@click.option(
    "--metadata/--no-metadata",
    default=None,
    help="Whether functions may ask the cloud's metadata service.",
)
def install(**options: str | bool | None) -> None:
    """Write what the node needs: directories, network, login, settings, services.

    Starts nothing (`faasd start` does). Safe to run again: what you edited is kept, and so is what
    an option chose before, until an option says otherwise.
    """
    machine = Machine()
    require_root()
    before = read_choices(machine)
    choices = choose(before, options)
    if choices.domain:
        require_caddy(machine)
    run_steps(setup_steps(machine), print)
    # What cannot be served must not be what the machine was told: the next start would go by it.
    touched = (NODE_CONFIG, ENVIRONMENT_FILE, *HTTPS_FILES)
    try:
        with put_back_on_failure([machine.at(path) for path in touched]):
            run_steps(front_steps(machine, choices), print)
    except FaasdError:
        print("choices, router, https: put back as they were")
        raise
    firewall = Step(title="firewall", run=lambda: set_up_firewall(machine, choices, _front_ports()))
    services = Step(title="services", run=service_manager(machine).enable)
    run_steps((firewall, services), print)
    if choices != before:
        print("then: sudo faasd start")


def choose(before: Choices, options: Mapping[str, str | bool | None]) -> Choices:
    """Return what was chosen before, changed by the options that were given.

    Raises:
        InvalidInput: an option is malformed, or does not go with the rest.
    """
    given = {name.rstrip("_"): value for name, value in options.items() if value is not None}
    if given.pop("no_domain", False):
        if given.get("domain"):
            raise InvalidInput("give --domain or --no-domain, not both", field="domain")
        given["domain"] = ""
    texts = {
        name: _YES[value] if isinstance(value, bool) else value for name, value in given.items()
    }
    choices = parse_choices({**asdict(before), **texts})
    if not choices.domain and (texts.get("email") or texts.get("tls")):
        raise InvalidInput("--email and --tls are for HTTPS: give --domain too", field="domain")
    return choices


def front_steps(machine: Machine, choices: Choices) -> Sequence[Step]:
    """Return what keeps the choices, and brings the front door to where they say."""
    has_domain = bool(choices.domain)
    return (
        Step(title="choices", run=lambda: write_choices(machine, choices)),
        Step(title="router", run=lambda: _set_front_door(machine, is_hidden=has_domain)),
        Step(title="https", run=lambda: set_up_https(machine, choices, _upstream())),
    )


def _set_front_door(machine: Machine, *, is_hidden: bool) -> str:
    said = set_router_bind(machine, is_hidden=is_hidden)
    binds = [(door.address, door.published) for door in list_front_doors()]
    public = list_public(binds, find_bridge(machine).address)
    if not is_hidden or not public:
        return said
    return f"{said}; it stays open at {', '.join(public)} beside HTTPS, as your files say"


def _upstream() -> str:
    host, port = reach(list_front_doors()[0])
    return f"{host}:{port}"


def _front_ports() -> Sequence[int]:
    return [door.published for door in list_front_doors()]


@click.command()
@click.option("--purge", is_flag=True, help="Remove functions, secrets, login and logs, too.")
def uninstall(purge: bool) -> None:  # noqa: FBT001
    """Remove all containers, images, networks and files of ours; keep data.

    What fails is said and hinders nothing else; the status is 1 then. The package itself is removed
    by apt.
    """
    from faasd.cli.node import open_this_node
    from faasd.installer.teardown import purge_steps, teardown_steps

    machine = Machine()
    require_root()
    steps = teardown_steps(machine, open_this_node)
    run_all_steps((*steps, *purge_steps(machine)) if purge else steps, print)


def require_root() -> None:
    """Refuse to go on as anybody else.

    Raises:
        FaasdError: the caller is not root.
    """
    if os.geteuid() != 0:
        raise FaasdError("this needs root: run it with sudo")
