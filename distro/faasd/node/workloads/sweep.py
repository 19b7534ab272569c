"""Finding and removing what a killed process left behind."""

import logging
from collections.abc import Callable, Iterator
from functools import partial

from faasd.node.workloads.parts import Parts

log = logging.getLogger(__name__)


def sweep_namespace(parts: Parts, namespace: str, spare: Callable[[], set[str]]) -> list[str]:
    """Remove everything of `namespace` that no container record owns, but for ids `spare` returns.

    Returns:
        One sentence for each thing removed.
    """
    # In this order: what was being made when the leftovers were listed is still being made when
    # `spare` is asked, or has its record when the records are listed after that.
    leftovers = list(_leftovers(parts, namespace))
    owned = spare()
    owned |= {record.id for record in parts.containers.list(namespace)}
    removed = []
    for what, container, remove in leftovers:
        if container in owned:
            continue
        remove()
        removed.append(f"removed the {what} of {namespace}/{container}, which has no container")
        log.warning("%s", removed[-1])
    return removed


def _leftovers(parts: Parts, namespace: str) -> Iterator[tuple[str, str, Callable[[], None]]]:
    """Yield what there is: what it is, its container, how to remove it."""
    for container in parts.roots.list(namespace):
        yield "root", container, partial(parts.roots.remove, namespace, container)
    for network in parts.networks.list():
        if network.namespace == namespace:
            remove = partial(parts.networks.detach, namespace, network.container)
            yield "network", network.container, remove
    for space, container in parts.files.list():
        if space == namespace:
            yield "files", container, partial(parts.files.remove, namespace, container)
    for space, name, container in parts.pipes.list():
        if space == namespace:
            yield "log pipes", container, partial(parts.pipes.remove, namespace, name, container)
