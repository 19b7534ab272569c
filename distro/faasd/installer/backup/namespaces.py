"""Namespaces of a backup, made on the node before its functions come."""

import time
from collections.abc import Mapping
from contextlib import ExitStack

from faasd.base.errors import InUse
from faasd.node.open import Node

_RESERVED = "containerd.io/"
_EMPTY_TIMEOUT = 15.0


def restore_namespaces(
    node: Node, wanted: Mapping[str, Mapping[str, str]], undo: ExitStack
) -> None:
    """Let the node have these namespaces with these labels; `undo` puts them back.

    Raises:
        InvalidInput: containerd takes no such name or label.
    """
    found = node.namespaces.list()
    for name, labels in wanted.items():
        ours = {key: text for key, text in labels.items() if not key.startswith(_RESERVED)}
        before = found.get(name)
        if before is None:
            node.namespaces.create(name, ours)
            undo.callback(_remove, node, name)
        else:
            own = {key: text for key, text in before.items() if key.startswith(_RESERVED)}
            undo.callback(node.namespaces.set_labels, name, dict(before))
            node.namespaces.set_labels(name, {**own, **ours})


def _remove(node: Node, name: str) -> None:
    """Containerd frees what images had a moment after they are gone."""
    end = time.monotonic() + _EMPTY_TIMEOUT
    while True:
        try:
            return node.namespaces.remove(name)
        except InUse:
            if time.monotonic() > end:
                raise
        time.sleep(0.2)
