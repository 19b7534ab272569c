"""The one user-data: `cloud-init/cloud-config.tftpl`, filled in as Terraform does it."""

import string
from collections.abc import Mapping

import yaml

from faasd.base.errors import FaasdError
from faasd.cloud.config import NodeConfig, check_config

LIMIT = 16384
"""Bytes that EC2 takes; other clouds take more."""

_UNSET = NodeConfig(release_url="", release_sha256="")


_PLACEHOLDER = r"""
    \$(?:
        (?P<escaped>\$)(?=\{) |
        \{(?P<braced>[a-z][a-z0-9_]*)\} |
        (?P<named>(?!)) |
        (?P<invalid>(?!))
    )
"""


class _Template(string.Template):
    """The part of Terraform's template language that the template uses.

    ``${name}`` is a value, ``$${`` a literal ``${``, every other dollar is itself.
    """

    pattern = _PLACEHOLDER  # type: ignore[assignment]  # compiled by the base class


def render_user_data(template: str, config: NodeConfig) -> str:
    """Return the cloud-config for a server.

    Args:
        template: the text of `cloud-init/cloud-config.tftpl`.
        config: what to fill in.

    Raises:
        InvalidInput: a setting is malformed.
        FaasdError: it is larger than clouds take.
    """
    check_config(config)
    machine = _machine(config)
    block = yaml.safe_dump(machine, width=10**6, allow_unicode=True) if machine else ""
    return _fill(template, block, config)


def render_blank(template: str, machine: str) -> str:
    """Return the file that a person fills in: no settings, and `machine` (comments) on top."""
    return _fill(template, machine, _UNSET)


def _machine(config: NodeConfig) -> Mapping[str, object]:
    machine: dict[str, object] = {}
    if config.ssh_public_keys:
        machine["ssh_authorized_keys"] = list(config.ssh_public_keys)
    if config.hostname:
        machine["hostname"] = config.hostname
    if config.swap_size:
        machine["swap"] = {"filename": "/swapfile", "size": config.swap_size}
    return machine


def _fill(template: str, machine: str, config: NodeConfig) -> str:
    text = _Template(template).substitute(
        machine=machine,
        release_url=config.release_url,
        release_sha256=config.release_sha256,
        images_url=config.images_url,
        images_sha256=config.images_sha256,
        domain=config.domain,
        email=config.letsencrypt_email,
        firewall="yes" if config.firewall else "no",
        password=config.password,
        data_device=config.data_device,
    )
    if (size := len(text.encode())) > LIMIT:
        raise FaasdError(f"the user-data has {size} bytes, clouds take {LIMIT}: give it fewer keys")
    return text
