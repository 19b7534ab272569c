"""The `faasd` command. Each subcommand is a module, imported only when it is asked for."""

from faasd.cli.main import main

__all__ = ["main"]
