"""``depends_on``, and the order in which services start."""

from collections.abc import Mapping, Sequence

from faasd.supervisor.compose.kinds import as_mapping, as_texts
from faasd.supervisor.compose.tree import Tree
from faasd.supervisor.compose.values import Condition, CoreService
from faasd.supervisor.compose.where import Where


def parse_depends_on(value: Tree, where: Where) -> dict[str, Condition]:
    """Return what a service waits for, from ``[NAME]`` or ``{NAME: {condition: …}}``.

    Raises:
        InvalidInput: a condition is unknown.
    """
    if isinstance(value, list):
        return dict.fromkeys(as_texts(value, where), Condition.STARTED)
    table = as_mapping(value, where)
    return {name: _parse_condition(entry, where.at(name)) for name, entry in table.items()}


def _parse_condition(value: Tree, where: Where) -> Condition:
    condition = as_mapping(value, where, ("condition",)).get("condition", Condition.STARTED.value)
    for known in Condition:
        if known.value == condition:
            return known
    known_words = " and ".join(known.value for known in Condition)
    raise where.at("condition").wrong(f"{condition!r} is not known: known are {known_words}")


def in_start_order(services: Sequence[CoreService], file: str) -> tuple[CoreService, ...]:
    """Return the services, each after those it depends on; otherwise in the order of the file.

    Raises:
        InvalidInput: one depends on itself, by others or not, on a service that is not there, or
            on the health of one without a health check.
    """
    by_name = {service.name: service for service in services}
    for service in services:
        _check(service, by_name, file)
    ordered: dict[str, CoreService] = {}
    for service in services:
        _visit(service, by_name, ordered, (file,))
    return tuple(ordered.values())


def _check(service: CoreService, by_name: Mapping[str, CoreService], file: str) -> None:
    where = Where(file=file, service=service.name, key="depends_on")
    for name, condition in service.depends_on.items():
        if name not in by_name:
            raise where.wrong(f"names {name}, and there is no such service in the file")
        if condition is Condition.HEALTHY and by_name[name].healthcheck is None:
            raise where.wrong(f"waits for {name} to be healthy, which has no healthcheck")


def _visit(
    service: CoreService,
    by_name: Mapping[str, CoreService],
    ordered: dict[str, CoreService],
    path: tuple[str, ...],
) -> None:
    """Put the service into `ordered` after its own; `path` is the file and how we came here."""
    if service.name in ordered:
        return
    if service.name in path[1:]:
        circle = " → ".join((*path[path.index(service.name, 1) :], service.name))
        where = Where(file=path[0], service=service.name, key="depends_on")
        raise where.wrong(f"is a circle: {circle}")
    for name in service.depends_on:
        _visit(by_name[name], by_name, ordered, (*path, service.name))
    ordered[service.name] = service
