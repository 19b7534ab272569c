"""The whole compose file."""

from collections.abc import Mapping, Sequence

from faasd.base.names import check_dns_label
from faasd.supervisor.compose.depends import in_start_order
from faasd.supervisor.compose.kinds import as_mapping
from faasd.supervisor.compose.service import parse_service
from faasd.supervisor.compose.tree import Tree, fill_in, read_tree
from faasd.supervisor.compose.values import CoreService
from faasd.supervisor.compose.where import Where

_TOP = ("services", "version", "name")


def parse_compose(text: str, variables: Mapping[str, str], file: str) -> tuple[CoreService, ...]:
    """Return the services of a compose file in the order they start.

    Args:
        text: YAML.
        variables: what ``${NAME}`` stands for.
        file: its name, for errors.

    Raises:
        InvalidInput: it is malformed; the sentence names file, service and key.
    """
    where = Where(file=file)
    top = as_mapping(read_tree(text, file), Where(file=file, key="the file"))
    for key in top:
        if key not in _TOP and not key.startswith("x-"):
            raise where.at(key).wrong("is not a known key; known here: " + ", ".join(_TOP))
    if not top.get("services"):
        raise where.at("services").wrong("must name one service at least")
    table = as_mapping(top["services"], where.at("services"))
    services = [_parse(name, entry, variables, file) for name, entry in table.items()]
    _refuse_clashes(services, file)
    return in_start_order(services, file)


def _parse(name: str, entry: Tree, variables: Mapping[str, str], file: str) -> CoreService:
    check_dns_label(name, field=f"{file}: the service name")
    where = Where(file=file, service=name)
    return parse_service(fill_in(entry, variables, where), variables, where)


def _refuse_clashes(services: Sequence[CoreService], file: str) -> None:
    """Refuse two services that publish the same port of the node."""
    published = [(service, port) for service in services for port in service.ports]
    for number, (service, port) in enumerate(published):
        for other, taken in published[:number]:
            if port.clashes(taken):
                where = Where(file=file, service=service.name, key="ports")
                raise where.wrong(f"publish {port}, as service {other.name} does with {taken}")
