"""`faasd status`."""

import sys
from collections.abc import Sequence
from contextlib import closing

import click

from faasd.base.errors import FaasdError
from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE
from faasd.base.version import VERSION
from faasd.cli.api import NO_ANSWER, OK, Api, open_api
from faasd.cli.core import list_core_lines
from faasd.cli.front_door import find_front_door
from faasd.cli.install import require_root
from faasd.cli.node import open_this_node
from faasd.cli.report import (
    CoreLine,
    FunctionLine,
    MemoryLine,
    Part,
    Report,
    decide_exit_code,
    lines_from_provider,
    lines_from_workloads,
    read_memory,
    render_report,
)
from faasd.installer.paths import Machine
from faasd.installer.services.choose import service_manager
from faasd.node.domain.container import Workload
from faasd.node.open import Node

NAMESPACE_LABEL = "openfaas"


@click.command()
def status() -> None:
    """Show the node's parts and its functions, and what to do about what is down.

    Ends with 0 when all is as it should be, 1 when a part is down, 3 when functions are not ready.
    """
    require_root()
    report = make_report()
    print(render_report(report))
    sys.exit(decide_exit_code(report))


def make_report() -> Report:
    """Ask every part; one that is down hides no other."""
    containerd, found, core = ask_containerd()
    provider, known, memory = ask_provider()
    version = Part(name="faasd", state=VERSION)
    parts = (version, containerd, provider, ask_front_door(), *ask_services())
    functions = known or lines_from_workloads(found)
    return Report(parts=parts, functions=functions, core=core, memory=memory)


def ask_containerd() -> tuple[Part, Sequence[Workload], tuple[CoreLine, ...]]:
    """Return containerd's version, the functions' containers, and the core services."""
    try:
        with closing(open_this_node()) as node:
            version = node.machine.version().removeprefix("containerd ")
            part = Part(name="containerd", state=version)
            return part, list_workloads(node), list_core_lines(node)
    except FaasdError as error:
        return Part(name="containerd", state=str(error), advice="sudo faasd start"), (), ()


def ask_front_door() -> Part:
    """Return whether the router answers, and the gateway behind it."""
    host, port = find_front_door()
    url = f"http://{host}:{port}"
    status, text = Api(port=port, host=host, login="").get_health()
    if status == OK:
        return Part(name="front door", state=f"{url} answers")
    said = text.strip() if status == NO_ANSWER else f"{status} {text.strip()}"
    advice = "sudo faasd service list; sudo faasd service logs router (or gateway)"
    return Part(name="front door", state=f"{url} does not answer: {said}", advice=advice)


def list_workloads(node: Node) -> Sequence[Workload]:
    """Return the containers of all functions."""
    labelled = node.namespaces.list().items()
    spaces = {name for name, labels in labelled if NAMESPACE_LABEL in labels}
    return [
        workload
        for namespace in sorted(spaces | {DEFAULT_FUNCTION_NAMESPACE})
        for workload in node.workloads.list(namespace)
    ]


def ask_provider() -> tuple[Part, tuple[FunctionLine, ...], MemoryLine | None]:
    """Return whether the provider answers, the functions it knows, and the budget of memory."""
    try:
        api = open_api()
        if not api.is_up():
            advice = "sudo faasd start; the reason is in its log (docs/install.md)"
            part = Part(name="provider", state=f"{api.url} does not answer", advice=advice)
            return part, (), None
        spaces = api.list_namespaces()
        known = [status for name in spaces for status in api.list_functions(name)]
        memory = read_memory(api.get_info())
    except FaasdError as error:
        return Part(name="provider", state=str(error), advice="sudo faasd install"), (), None
    return Part(name="provider", state=f"{api.url} answers"), lines_from_provider(known), memory


def ask_services() -> Sequence[Part]:
    """Return what the service manager says of each program."""
    try:
        states = service_manager(Machine()).states()
    except FaasdError as error:
        return [Part(name="services", state=str(error), advice="sudo faasd install")]
    if not states:
        return [Part(name="services", state="none is set up", advice="sudo faasd install")]
    return [
        Part(
            name=f"service {name}",
            state=state,
            advice="" if state in ("run", "active") else "sudo faasd start",
        )
        for name, state in states.items()
    ]
