"""The `faasd` command. Each subcommand is a module, imported only when it is asked for."""


def main() -> None:
    """Run the command."""
    # What stays in memory for good (`faasd.cli.keep`) is of this package, too, and needs no click.
    from faasd.cli.main import main as run

    run()
