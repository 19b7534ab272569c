"""`faasd registry login|logout|list`."""

import sys

import click

from faasd.base.errors import InvalidInput
from faasd.cli.install import require_root
from faasd.cli.node import SETTINGS
from faasd.cli.table import render_table
from faasd.node.adapters.images.logins import RegistryLogins


@click.group()
def registry() -> None:
    """Registries that ask for a login."""


@registry.command()
@click.argument("server")
@click.option("-u", "--user", default="", help="Asked for where it is not given.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def login(server: str, user: str, password_stdin: bool) -> None:  # noqa: FBT001  # click's
    """Log in to SERVER (ghcr.io, registry.example:5000); images are pulled with it from now on."""
    require_root()
    user = user or click.prompt("User")
    password = read_password() if password_stdin else ask_password()
    RegistryLogins(SETTINGS).log_in(server, user, password)
    print(f"logged in to {server} as {user}")


@registry.command()
@click.argument("server")
def logout(server: str) -> None:
    """Forget the login of SERVER."""
    require_root()
    RegistryLogins(SETTINGS).log_out(server)
    print(f"logged out of {server}")


@registry.command(name="list")
def list_logins() -> None:
    """List the registries this node logs in to, and as whom."""
    require_root()
    logins = RegistryLogins(SETTINGS).list()
    if logins:
        rows = [(one.server, one.user or "(by a credential helper)") for one in logins]
        print(render_table(("REGISTRY", "USER"), rows))
    else:
        print("this node logs in to no registry: faasd registry login SERVER")


def read_password() -> str:
    """Return what comes on standard input, without the line's end."""
    return _checked(sys.stdin.read().rstrip("\r\n"))


def ask_password() -> str:
    """Ask a person; a password among the arguments would be seen by every process."""
    if not sys.stdin.isatty():
        raise InvalidInput("there is no terminal to ask for the password: use --password-stdin")
    return _checked(click.prompt("Password", hide_input=True))


def _checked(password: str) -> str:
    if not password:
        raise InvalidInput("the password is empty")
    return password
