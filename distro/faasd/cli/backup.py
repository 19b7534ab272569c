"""`faasd backup` and `faasd restore`."""

import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from faasd.cli.install import require_root
from faasd.cli.node import open_this_node
from faasd.cli.passphrase import descriptor_option, file_option, get_passphrase
from faasd.cli.restored import Programs, read_functions, wait_ready
from faasd.installer.backup.make import Made, Maker, WithImages, check_target
from faasd.installer.backup.read import check_file
from faasd.installer.backup.restore import Restored, Restorer
from faasd.installer.paths import Machine

_NOT_READY = 3
_FILE = click.argument("file", type=click.Path(path_type=Path))


@click.command()
@_FILE
@click.option(
    "--with-images",
    type=click.Choice([one.value for one in WithImages]),
    default=WithImages.NONE.value,
    show_default=True,
    help="Put in the images that came from no registry, or those of all functions.",
)
@click.option("--force", is_flag=True, help="Replace FILE where it exists.")
@file_option
@descriptor_option
def backup(
    file: Path,
    with_images: str,
    force: bool,  # noqa: FBT001  # click's
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Write functions, secrets, login and settings to FILE, encrypted with a passphrase.

    The node goes on meanwhile; what FILE holds is as of one moment.
    """
    require_root()
    check_target(file, force=force)
    passphrase = get_passphrase(passphrase_file, passphrase_fd, is_new=True)
    with closing(open_this_node()) as node, ended_by_exception():
        maker = Maker(machine=Machine(), node=node, read_functions=read_functions)
        made = maker.make(file.absolute(), passphrase, WithImages(with_images))
    print(describe(file, made))


@click.command()
@_FILE
@click.option("--replace", is_flag=True, help="Take away the functions that this node has.")
@click.option(
    "--wait", "seconds", default=120.0, show_default=True, help="Seconds for functions to be ready."
)
@file_option
@descriptor_option
def restore(
    file: Path,
    replace: bool,  # noqa: FBT001  # click's
    seconds: float,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Make this node what FILE says: its functions, secrets, login and settings.

    All of FILE is checked first, and a failure puts everything back. The front door is closed for
    some seconds. Ends with 3 where functions did not get ready.
    """
    require_root()
    check_file(file)
    passphrase = get_passphrase(passphrase_file, passphrase_fd, is_new=False)
    with closing(open_this_node()) as node, ended_by_exception():
        restorer = Restorer(
            machine=Machine(),
            node=node,
            read_functions=read_functions,
            programs=Programs(),
            say=partial(print, flush=True),
        )
        restored = restorer.restore(file.absolute(), passphrase, replace=replace)
    sys.exit(report(restored, seconds))


@contextmanager
def ended_by_exception() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does, so that it can put things back."""

    def end(number: int, _: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt(number)

    before = {one: signal.signal(one, end) for one in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def describe(file: Path, made: Made) -> str:
    """Say what is in a backup."""
    contents = made.contents
    secrets = sum(entry.name.startswith("secrets/") for entry in contents.files)
    said = (
        f"{file}: {len(made.functions)} functions, {secrets} secrets, "
        f"{len(contents.images)} images, {contents.size} bytes before encryption"
    )
    if not made.left_out:
        return said
    return (
        f"{said}\nnot in it, and in no registry: {', '.join(made.left_out)} (--with-images local)"
    )


def report(restored: Restored, seconds: float) -> int:
    """Wait for the functions, say how they are, and return the command's status."""
    late = wait_ready({one.namespace for one in restored.functions}, seconds)
    print(f"{len(restored.functions)} functions restored; the login is the one of the backup")
    if any(entry.name.startswith("etc/faasd/") for entry in restored.contents.files):
        print("settings in /etc/faasd came along; `sudo faasd install` puts them into force")
    for name, state in late.items():
        print(f"not ready: {name}: {state}", file=sys.stderr)
    return _NOT_READY if late else 0
