"""A container's user, looked up in its image's files (passwd(5), group(5))."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from faasd.base.errors import Unsatisfiable
from faasd.node.domain.blueprint import ContainerUser

_MAX_ID = 2**32 - 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    name: str
    uid: int
    gid: int
    home: str


def resolve(user: str, *, passwd_file: str, group_file: str) -> ContainerUser:
    """Resolve ``""``, ``uid[:gid]`` or ``name[:group]`` as Docker does.

    A number needs no entry: its group is then 0. Supplementary groups are those that list the
    user by name, unless a group is given.

    Raises:
        Unsatisfiable: there is no such user or group.
    """
    who, _, group = user.partition(":")
    entry = _find_user(who or "0", passwd_file)
    if group:
        gid = _find_group(group, group_file)
        return ContainerUser(uid=entry.uid, gid=gid, home=entry.home)
    groups = tuple(_groups_of(entry.name, group_file))
    return ContainerUser(uid=entry.uid, gid=entry.gid, groups=groups, home=entry.home)


def _find_user(who: str, passwd_file: str) -> _Entry:
    for name, uid, gid, home in _passwd(passwd_file):
        if who in (name, str(uid)):
            return _Entry(name=name, uid=uid, gid=gid, home=home)
    return _Entry(name="", uid=_number(who, "user"), gid=0, home="/")


def _find_group(group: str, group_file: str) -> int:
    for name, gid, _ in _groups(group_file):
        if group in (name, str(gid)):
            return gid
    return _number(group, "group")


def _groups_of(user: str, group_file: str) -> Iterator[int]:
    for _, gid, members in _groups(group_file):
        if user and user in members:
            yield gid


def _passwd(text: str) -> Iterator[tuple[str, int, int, str]]:
    for fields in _lines(text, 6):
        if fields[2].isdecimal() and fields[3].isdecimal():
            yield fields[0], int(fields[2]), int(fields[3]), fields[5] or "/"


def _groups(text: str) -> Iterator[tuple[str, int, Sequence[str]]]:
    for fields in _lines(text, 4):
        if fields[2].isdecimal():
            yield fields[0], int(fields[2]), fields[3].split(",")


def _lines(text: str, fields: int) -> Iterator[list[str]]:
    for line in text.splitlines():
        parts = line.split(":")
        if len(parts) >= fields and not line.startswith("#"):
            yield parts


def _number(text: str, what: str) -> int:
    if text.isascii() and text.isdecimal() and int(text) <= _MAX_ID:
        return int(text)
    raise Unsatisfiable(f"the image has no {what} {text[:64]!r}", field="user")
