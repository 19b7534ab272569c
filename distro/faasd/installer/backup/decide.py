"""Whether a backup may be restored here, and which files that means; no I/O."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from faasd.base.errors import AlreadyExists, InvalidInput, Unsatisfiable
from faasd.installer.backup.collect import SavedFunction
from faasd.installer.backup.contents import (
    CONFIGS,
    FUNCTION_SECRETS,
    PLACES,
    Contents,
    find_place,
)

_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the machine has before: its functions, secrets, namespaces, and what it is."""

    functions: Sequence[SavedFunction]
    secrets: Collection[str]
    namespaces: Collection[str]
    architecture: str


def check_functions(contents: Contents, functions: Sequence[SavedFunction]) -> None:
    """Check that a backup's functions have their secrets and namespaces in it.

    Raises:
        InvalidInput: one has not.
    """
    names = {entry.name for entry in contents.files}
    for function in functions:
        for secret in function.secrets:
            if f"secrets/{function.namespace}/{secret}" not in names:
                raise InvalidInput(f"it lacks secret {secret} of function {function.name}")


def check_machine(contents: Contents, found: Found, *, replace: bool) -> None:
    """Check that a machine may take a backup.

    Raises:
        AlreadyExists: it has functions or secrets of its own, and they are not to be replaced.
        Unsatisfiable: the backup holds images for another architecture.
    """
    if contents.images and contents.architecture != found.architecture:
        raise Unsatisfiable(
            f"the backup holds images for {contents.architecture}, this machine is "
            f"{found.architecture}: make one without images, and build them for this machine"
        )
    own = [f"{one.name}.{one.namespace}" for one in found.functions if not one.is_sample]
    if (own or found.secrets) and not replace:
        what = [f"the functions {_shown(own)}"] if own else []
        what += [f"the secrets {_shown(sorted(found.secrets))}"] if found.secrets else []
        raise AlreadyExists(
            f"this node has {' and '.join(what)}: --replace takes them away for those of the backup"
        )


def list_moves(contents: Contents) -> Mapping[str, str | None]:
    """Return what comes to which path: names in the backup, or None where a path shall be empty.

    Function secrets come as one directory; the database comes last and is not among them.
    """
    names = {entry.name for entry in contents.files}
    moves: dict[str, str | None] = {FUNCTION_SECRETS: "secrets"}
    for name, place in PLACES.items():
        if name in CONFIGS and name not in contents.edited:
            continue
        if name in names or name == "registries/config.json":
            moves[place] = name if name in names else None
    for name in sorted(names):
        place_of = find_place(name)
        if name.startswith("etc/faasd/") and place_of:
            moves[place_of] = name
    return moves


def list_leaving(contents: Contents, found: Found, default: str) -> Sequence[str]:
    """Return the machine's namespaces that are not in the backup, and shall go."""
    return sorted(set(found.namespaces) - set(contents.namespaces) - {default})


def _shown(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"
