"""A passphrase: asked for on the terminal, or read from a file; never an argument of a command."""

import os
import sys
from pathlib import Path

import click

from faasd.base.errors import InvalidInput

LEAST = 12
_MOST = 1024

file_option = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    help="Its first line is the passphrase; it is not asked for.",
)
descriptor_option = click.option(
    "--passphrase-fd",
    type=click.IntRange(0),
    help="The same, from a file descriptor that is open: --passphrase-fd 3 3<FILE.",
)


def get_passphrase(file: Path | None, descriptor: int | None, *, is_new: bool) -> str:
    """Return the passphrase; a new one is asked for twice, and may not be short.

    Raises:
        InvalidInput: it is empty, too short or too long, or there is no way to get one.
    """
    if file is not None and descriptor is not None:
        raise InvalidInput("give --passphrase-file or --passphrase-fd, not both")
    if file is not None:
        text = _first_line(os.open(file, os.O_RDONLY), str(file))
    elif descriptor is not None:
        text = _first_line(descriptor, f"file descriptor {descriptor}")
    else:
        text = _ask(is_new=is_new)
    return check_passphrase(text, is_new=is_new)


def check_passphrase(text: str, *, is_new: bool) -> str:
    """Return a passphrase that will do.

    Raises:
        InvalidInput: it will not.
    """
    if not text:
        raise InvalidInput("the passphrase is empty")
    if is_new and len(text) < LEAST:
        raise InvalidInput(f"the passphrase must have {LEAST} characters at least")
    if len(text) > _MOST or not text.isprintable():
        raise InvalidInput(f"the passphrase must be at most {_MOST} printable characters")
    return text


def _first_line(descriptor: int, name: str) -> str:
    with os.fdopen(descriptor, "rb") as file:
        line = file.readline(4 * _MOST + 2)
    try:
        return line.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"the passphrase in {name} is not UTF-8") from error


def _ask(*, is_new: bool) -> str:
    if not sys.stdin.isatty():
        raise InvalidInput(
            "there is no terminal to ask for the passphrase: use --passphrase-file FILE"
        )
    return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=is_new, err=True))
