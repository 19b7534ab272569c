"""``mem_limit`` and ``deploy.resources.limits``: what a service may use."""

from decimal import Decimal, InvalidOperation

from faasd.node.domain.container import DEFAULT_PIDS, Limits
from faasd.supervisor.compose.kinds import as_mapping, as_number, as_text
from faasd.supervisor.compose.tree import Tree
from faasd.supervisor.compose.units import as_bytes
from faasd.supervisor.compose.where import Where


def parse_limits(service: dict[str, Tree], where: Where) -> Limits:
    """Return the limits of a service from its ``deploy`` and ``mem_limit``.

    What it does not use may be swapped: on a small machine that is most of a core service.

    Raises:
        InvalidInput: a quantity is malformed, or memory is limited in both places differently.
    """
    table, place = _limits_table(service, where)
    memory = as_bytes(table["memory"], place.at("memory")) if "memory" in table else None
    cpu = _as_millicores(table["cpus"], place.at("cpus")) if "cpus" in table else None
    pids = as_number(table["pids"], place.at("pids")) if "pids" in table else DEFAULT_PIDS
    if "mem_limit" in service:
        plain = as_bytes(service["mem_limit"], where.at("mem_limit"))
        if memory not in (None, plain):
            raise where.at("mem_limit").wrong(f"differs from {place.at('memory').key}")
        memory = plain
    return Limits(memory=memory, swappable=True, cpu=cpu, pids=pids)


def _limits_table(service: dict[str, Tree], where: Where) -> tuple[dict[str, Tree], Where]:
    table, place = service, where
    for key, allowed in (
        ("deploy", ("resources",)),
        ("resources", ("limits",)),
        ("limits", ("memory", "cpus", "pids")),
    ):
        place = place.at(key)
        table = as_mapping(table[key], place, allowed) if key in table else {}
    return table, place


def _as_millicores(value: Tree, where: Where) -> int:
    text = as_text(value, where)
    try:
        cores = Decimal(text)
    except InvalidOperation:
        cores = Decimal(0)
    if not (cores.is_finite() and Decimal("0.001") <= cores <= 4096):  # noqa: PLR2004
        raise where.wrong(f"{text!r} is no number of cores: write it like 0.5 or 2")
    return int(cores * 1000)
