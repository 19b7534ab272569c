"""Whether there is a function or a core service of a name."""

from collections.abc import Callable, Collection
from pathlib import Path

from faasd.base.errors import NotFound
from faasd.base.names import CORE_NAMESPACE
from faasd.cli.api import open_api
from faasd.cli.core import list_core_services


def check_printer(
    namespace: str,
    name: str,
    logs: Path,
    list_functions: Callable[[str], Collection[str]],
    services: Collection[str],
) -> None:
    """Make sure that something has this name, or had it when it printed what is kept.

    Args:
        namespace: where it should be; core services are in their own.
        name: of a function or a core service.
        logs: the directory of all that was printed.
        list_functions: gives the names of a namespace's functions; asked only if needed.
        services: the names of all core services.

    Raises:
        NotFound: nothing has; the sentence says what there is.
        FaasdError: the provider cannot be asked.
    """
    if any((logs / namespace).glob(f"{name}.log*")):
        return
    if namespace == CORE_NAMESPACE:
        if name not in services:
            raise NotFound(f"there is no core service {name}; there are: {_listed(services)}")
        return
    functions = list_functions(namespace)
    if name not in functions:
        raise NotFound(
            f"there is no function {name} in namespace {namespace}, and no core service; "
            f"functions there: {_listed(functions)}; core services: {_listed(services)}"
        )


def check_known(namespace: str, name: str, logs: Path) -> None:
    """Make the same sure, by what this node's provider and `faasd up` tell."""
    check_printer(namespace, name, logs, _list_functions, list_core_services())


def _list_functions(namespace: str) -> Collection[str]:
    return [str(status["name"]) for status in open_api().list_functions(namespace)]


def _listed(names: Collection[str]) -> str:
    return ", ".join(names) or "none"
