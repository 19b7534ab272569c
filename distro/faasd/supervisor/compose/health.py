"""``healthcheck``: how a service is known to work."""

from faasd.supervisor.compose.kinds import as_flag, as_mapping, as_number, as_texts
from faasd.supervisor.compose.tree import Tree
from faasd.supervisor.compose.units import as_seconds
from faasd.supervisor.compose.values import Healthcheck
from faasd.supervisor.compose.where import Where

_KEYS = ("test", "interval", "timeout", "retries", "start_period", "disable")
_DEFAULT = Healthcheck(command=("true",))


def parse_healthcheck(value: Tree, where: Where) -> Healthcheck | None:
    """Return the check; None where it is disabled (``test: NONE`` or ``disable: true``).

    Raises:
        InvalidInput: the command is missing, or a number is malformed.
    """
    table = as_mapping(value, where, _KEYS)
    if as_flag(table.get("disable", "false"), where.at("disable")):
        return None
    command = _parse_test(table.get("test"), where.at("test"))
    if command is None:
        return None
    return Healthcheck(
        command=command,
        interval=_seconds(table, where, "interval", _DEFAULT.interval),
        timeout=_seconds(table, where, "timeout", _DEFAULT.timeout),
        retries=_retries(table, where),
        start_period=_seconds(table, where, "start_period", _DEFAULT.start_period),
    )


def _parse_test(value: Tree, where: Where) -> tuple[str, ...] | None:
    if isinstance(value, str) and value:
        return None if value == "NONE" else ("/bin/sh", "-c", value)
    words = as_texts(value, where)
    kind, arguments = words[:1], words[1:]
    if kind == ("NONE",) and not arguments:
        return None
    if kind == ("CMD",) and arguments:
        return arguments
    if kind == ("CMD-SHELL",) and len(arguments) == 1:
        return ("/bin/sh", "-c", arguments[0])
    raise where.wrong('must be [CMD, program, …], ["CMD-SHELL", "command line"] or [NONE]')


def _seconds(table: dict[str, Tree], where: Where, key: str, default: float) -> float:
    if key not in table:
        return default
    seconds = as_seconds(table[key], where.at(key))
    if key != "start_period" and seconds <= 0:
        raise where.at(key).wrong("must be more than zero")
    return seconds


def _retries(table: dict[str, Tree], where: Where) -> int:
    if "retries" not in table:
        return _DEFAULT.retries
    retries = as_number(table["retries"], where.at("retries"))
    if retries == 0:
        raise where.at("retries").wrong("must be more than zero")
    return retries
