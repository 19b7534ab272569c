"""A container's user, looked up in its image's files (passwd(5), group(5))."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from faasd.base.errors import Unsatisfiable
from faasd.node.domain.blueprint import ContainerUser

_MAX_ID = 2**32 - 2
_DIGITS = 10


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
    for name, _, uid, gid, _, home in _lines(text, 6):
        if _is_id(uid) and _is_id(gid):
            yield name, int(uid), int(gid), home or "/"


def _groups(text: str) -> Iterator[tuple[str, int, Sequence[str]]]:
    for name, _, gid, members in _lines(text, 4):
        if _is_id(gid):
            yield name, int(gid), members.split(",")


def _lines(text: str, fields: int) -> Iterator[list[str]]:
    """Yield the fields of each line, the missing ones empty, those beyond left out."""
    for line in text.splitlines():
        parts = line.split(":")
        if not line.startswith("#"):
            yield (parts + [""] * fields)[:fields]


def _number(text: str, what: str) -> int:
    if _is_id(text):
        return int(text)
    raise Unsatisfiable(f"the image has no {what} {text[:64]!r}", field="user")


def _is_id(text: str) -> bool:
    """Tell whether it is a number that Linux takes; a file of an image may say anything."""
    return text.isascii() and text.isdecimal() and len(text) <= _DIGITS and int(text) <= _MAX_ID
