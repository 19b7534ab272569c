"""The command's entry: finds the subcommand, turns errors into one sentence and a status."""

import sys
from importlib import import_module

import click

from faasd.base.errors import FaasdError

COMMANDS = {
    "backup": "faasd.cli.backup",
    "cloud": "faasd.cli.cloud",
    "cloud-config": "faasd.cli.cloud_config",
    "collect": "faasd.cli.collect",
    "core-images": "faasd.cli.core_images",
    "end": "faasd.cli.end",
    "image": "faasd.cli.image",
    "install": "faasd.cli.install",
    "prove": "faasd.cli.prove",
    "provider": "faasd.cli.provider",
    "queue": "faasd.cli.queue",
    "refresh": "faasd.cli.services",
    "restore": "faasd.cli.backup",
    "registry": "faasd.cli.registry",
    "logs": "faasd.cli.logs",
    "service": "faasd.cli.service",
    "settle": "faasd.cli.services",
    "stack": "faasd.cli.stack",
    "start": "faasd.cli.services",
    "status": "faasd.cli.status",
    "stop": "faasd.cli.services",
    "supervise": "faasd.cli.supervise",
    "uninstall": "faasd.cli.install",
    "up": "faasd.cli.up",
    "url": "faasd.cli.front_door",
    "version": "faasd.cli.version",
}
"""Where each subcommand is; an attribute of its name, ``_`` for ``-``."""


class LazyGroup(click.Group):
    """Imports a subcommand's module only when it runs: `faasd version` needs no gRPC."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return all names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(
            import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_")
        )
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def faasd() -> None:
    """One small machine as an OpenFaaS-compatible serverless node."""


def main() -> None:
    """Run the command; an error is one sentence on standard error, and status 1."""
    try:
        faasd(prog_name="faasd")
    except FaasdError as error:
        print(f"faasd: {error}", file=sys.stderr)
        sys.exit(1)
    except PermissionError as error:
        print(f"faasd: no permission for {error.filename}: run it as root", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(f"faasd: {error.strerror or error}{where}", file=sys.stderr)
        sys.exit(1)
