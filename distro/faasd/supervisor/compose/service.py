"""One service of the file."""

from collections.abc import Mapping
from dataclasses import replace

from faasd.supervisor.compose.depends import parse_depends_on
from faasd.supervisor.compose.environment import parse_environment
from faasd.supervisor.compose.health import parse_healthcheck
from faasd.supervisor.compose.kinds import as_command, as_mapping, as_text, as_texts
from faasd.supervisor.compose.limits import parse_limits
from faasd.supervisor.compose.ports import parse_ports
from faasd.supervisor.compose.tree import Tree
from faasd.supervisor.compose.values import CoreService, Restart
from faasd.supervisor.compose.volumes import parse_volumes
from faasd.supervisor.compose.where import Where

KEYS = frozenset(
    {
        *("image", "command", "entrypoint", "user", "environment", "env_file", "volumes", "ports"),
        *("cap_add", "cap_drop", "depends_on", "restart", "deploy", "mem_limit", "healthcheck"),
        "network_mode",
    }
)


def parse_service(value: Tree, variables: Mapping[str, str], where: Where) -> CoreService:
    """Return a service; `variables` fill in what its ``environment`` names without a value.

    Raises:
        InvalidInput: a key is unknown or its value malformed.
    """
    table = as_mapping(value, where)
    table = {key: entry for key, entry in table.items() if not key.startswith("x-")}
    as_mapping(table, where, KEYS)
    service = CoreService(
        name=where.service,
        image=as_text(table.get("image"), where.at("image")),
        entrypoint=as_command(table.get("entrypoint"), where.at("entrypoint")),
        command=as_command(table.get("command"), where.at("command")),
        user=as_text(table["user"], where.at("user")) if "user" in table else "",
        cap_add=_capabilities(table.get("cap_add", []), where.at("cap_add")),
        cap_drop=_capabilities(table.get("cap_drop", []), where.at("cap_drop")),
        restart=_restart(table.get("restart", "always"), where.at("restart")),
        limits=parse_limits(table, where),
        env_files=_env_files(table.get("env_file", []), where.at("env_file")),
    )
    service = _with_surroundings(service, table, where)
    environment = table.get("environment", {})
    parsed = parse_environment(environment, variables, where.at("environment"))
    return replace(service, environment=parsed)


def _with_surroundings(service: CoreService, table: dict[str, Tree], where: Where) -> CoreService:
    check = table.get("healthcheck", {"disable": "true"})
    service = replace(
        service,
        mounts=parse_volumes(table.get("volumes", []), where.at("volumes")),
        ports=parse_ports(table.get("ports", []), where.at("ports")),
        depends_on=parse_depends_on(table.get("depends_on", []), where.at("depends_on")),
        healthcheck=parse_healthcheck(check, where.at("healthcheck")),
        host_network="network_mode" in table,
    )
    if service.host_network:
        if table["network_mode"] != "host":
            raise where.at("network_mode").wrong(f"{table['network_mode']!r} must be host")
        if service.ports:
            raise where.at("ports").wrong("are of no use with network_mode: host")
    return service


def _capabilities(value: Tree, where: Where) -> tuple[str, ...]:
    names = [name.upper() for name in as_texts(value, where)]
    if where.key == "cap_add" and "ALL" in names:
        raise where.wrong("ALL is not supported: name the capabilities that are needed")
    return tuple(name if name == "ALL" else f"CAP_{name.removeprefix('CAP_')}" for name in names)


def _restart(value: Tree, where: Where) -> Restart:
    for known in Restart:
        if known.value == value:
            return known
    raise where.wrong(f"{value!r} is not known: known are {', '.join(r.value for r in Restart)}")


def _env_files(value: Tree, where: Where) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) and value else as_texts(value, where)
