"""Which containers share a containerd shim.

A shim's death takes all of its group: groups are small, and never hold two replicas of one
function.
"""

from collections.abc import Iterable, Mapping

PREFIX = "group-"


def choose_group(members: Mapping[str, Iterable[str]], function: str, size: int) -> str:
    """Return the group for a new container of a function.

    Args:
        members: for each group that there is, the functions of its containers.
        function: whose container is made.
        size: how many a group may hold.

    Returns:
        The fullest group with room and without the function, else a new one.
    """
    names = {group: list(functions) for group, functions in members.items()}
    open_groups = [g for g, held in names.items() if len(held) < size and function not in held]
    if open_groups:
        return min(open_groups, key=lambda group: (-len(names[group]), group))
    number = 0
    while f"{PREFIX}{number}" in names:
        number += 1
    return f"{PREFIX}{number}"
