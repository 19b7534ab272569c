"""Settings of `faasd cloud up` as Terraform's variables."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from faasd.base.errors import InvalidInput


def parse_settings(words: Sequence[str]) -> Mapping[str, object]:
    """Return ``NAME=VALUE`` words as variables: JSON where VALUE is JSON, text otherwise.

    Raises:
        InvalidInput: a word has no ``=`` or no name.
    """
    return dict(_parse(word) for word in words)


def read_keys(files: Sequence[Path]) -> Mapping[str, object]:
    """Return the variable for SSH public keys in files; nothing for no file.

    Raises:
        InvalidInput: a file holds a private key.
    """
    keys = [file.read_text().strip() for file in files]
    for file, key in zip(files, keys, strict=True):
        if "PRIVATE KEY" in key:
            raise InvalidInput(f"{file} is a private key: give its public half, {file}.pub")
    return {"ssh_public_keys": keys} if keys else {}


def _parse(word: str) -> tuple[str, object]:
    name, separator, value = word.partition("=")
    if not separator or not name.isidentifier():
        raise InvalidInput(f"--set {word!r} is not NAME=VALUE, like instance_type=t4g.small")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
