"""This machine's node, as the commands open it."""

import logging
import os
import time
from contextlib import closing
from dataclasses import replace

from faasd.base.errors import InvalidInput, Unavailable
from faasd.installer.choices import read_choices
from faasd.installer.paths import Machine
from faasd.node.domain.settings import NodeSettings
from faasd.node.open import Node, open_node

log = logging.getLogger(__name__)

SETTINGS = NodeSettings()
"""A node of Debian's containerd; only tests have others."""

_MOUNTS_SETTING = "faasd_mount_namespace"
"""Set by our units, which have mounts of their own."""

_RETRY = 1.0


def open_this_node() -> Node:
    """Open it; the caller closes it.

    Raises:
        Unavailable: containerd does not answer.
    """
    settings = replace(
        SETTINGS,
        opens_metadata=opens_metadata(Machine()),
        mount_namespace=os.environ.get(_MOUNTS_SETTING, ""),
    )
    return open_node(settings)


def opens_metadata(machine: Machine) -> bool:
    """Tell whether functions may ask the metadata service; a broken file stops no node."""
    try:
        return read_choices(machine).opens_metadata
    except InvalidInput as error:
        log.warning("%s; the metadata service stays closed to functions", error)
        return False


def prepare_network() -> str:
    """Make the bridge as soon as containerd answers; return the node's address on it."""
    while True:
        try:
            with closing(open_this_node()) as node:
                return node.networks.prepare()
        except Unavailable as error:
            log.warning("%s; trying again", error)
            time.sleep(_RETRY)
