"""``volumes``: directories and files of the node in the container. Named volumes there are none."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from faasd.node.domain.container import Mount
from faasd.supervisor.compose.kinds import as_flag, as_list, as_mapping, as_text
from faasd.supervisor.compose.tree import Tree
from faasd.supervisor.compose.where import Where

_LONG = ("type", "source", "target", "read_only")
_MODES = {"rw": False, "ro": True}
_WRITE = "write it like ./nats:/nats, /etc/certs:/certs:ro"


def parse_volumes(value: Tree, where: Where) -> tuple[Mount, ...]:
    """Return the mounts, short (``SOURCE:TARGET[:ro]``) or long (``type: bind``).

    Raises:
        InvalidInput: one is malformed, is a named volume, or two have the same target.
    """
    mounts = [_parse(item, where.item(n)) for n, item in enumerate(as_list(value, where))]
    _refuse_twice(mounts, where)
    return tuple(mounts)


def _parse(value: Tree, where: Where) -> Mount:
    if isinstance(value, dict):
        return _parse_long(value, where)
    text = as_text(value, where)
    source, _, rest = text.partition(":")
    target, _, mode = rest.partition(":")
    if mode not in ("", *_MODES):
        raise where.wrong(f"{text!r} has the mode {mode!r}: known are ro and rw")
    if not target:
        raise where.wrong(f"{text!r} is no bind mount: {_WRITE}")
    return _mount(source, target, where, read_only=_MODES[mode or "rw"])


def _parse_long(value: Tree, where: Where) -> Mount:
    table = as_mapping(value, where, _LONG)
    if table.get("type", "bind") != "bind":
        raise where.at("type").wrong(f"{table['type']!r} is not supported: only bind is")
    read_only = as_flag(table.get("read_only", "false"), where.at("read_only"))
    source = as_text(table.get("source"), where.at("source"))
    target = as_text(table.get("target"), where.at("target"))
    return _mount(source, target, where, read_only=read_only)


def _mount(source: str, target: str, where: Where, *, read_only: bool) -> Mount:
    if not source.startswith(("/", "./", "../")) and source not in (".", ".."):
        raise where.wrong(f"{source!r} is a named volume, which are not supported: {_WRITE}")
    if not target.startswith("/") or ".." in PurePosixPath(target).parts or target == "/":
        raise where.wrong(f"{target!r} must be an absolute path below / in the container")
    if "\0" in source + target:
        raise where.wrong("holds a null character")
    return Mount(source=source, target=str(PurePosixPath(target)), read_only=read_only)


def _refuse_twice(mounts: Sequence[Mount], where: Where) -> None:
    targets = [mount.target for mount in mounts]
    for number, target in enumerate(targets):
        if target in targets[:number]:
            raise where.item(number).wrong(f"mounts at {target}, as another does")
