"""What a restore asks of the provider: its own reading of functions, and how they are now."""

import sqlite3
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from faasd.base.errors import FaasdError, Unavailable
from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE
from faasd.cli.api import NOT_FOUND, OK, open_api
from faasd.cli.prove import wait
from faasd.cli.report import FunctionLine, lines_from_provider
from faasd.installer.backup.collect import SavedFunction
from faasd.installer.paths import Machine
from faasd.installer.services.choose import service_manager
from provider_app.domain.deployment import Deployment
from provider_app.services.database import Database
from provider_app.services.store import Store

_UP = 90.0
_POLL = 0.2
_SAMPLE = (DEFAULT_FUNCTION_NAMESPACE, "echo", "localhost/echo:latest")
"""What install.sh deploys to prove a node; nobody's work is lost with it."""


class Programs:
    """The node's programs, as its service manager runs them."""

    def stop(self) -> str:
        """Stop them."""
        return service_manager(Machine()).stop()

    def start(self) -> str:
        """Start them."""
        return service_manager(Machine()).start()

    def wait_up(self) -> None:
        """Wait until the provider answers, and takes the login that is there now."""
        api = open_api()
        wait(
            lambda: api.is_up() and api.ask("GET", "/system/namespaces")[0] in (OK, NOT_FOUND),
            _UP,
            lambda: f"the provider at {api.url}",
        )


def read_functions(database: Path) -> Sequence[SavedFunction]:
    """Read the functions of a copy of the provider's database, by the provider's own code.

    Raises:
        Unavailable: it is of a newer version, or broken.
    """
    try:
        with closing(Database(str(database))) as opened:
            store = Store(opened)
            functions = [store.find(key) for key in sorted(store.list_keys())]
    except (ValueError, TypeError, KeyError, sqlite3.Error) as error:
        raise Unavailable(f"the functions of the database cannot be read: {error}") from error
    return [_saved(one.deployment) for one in functions if one is not None]


def _saved(wanted: Deployment) -> SavedFunction:
    where = (wanted.namespace, wanted.name, wanted.image)
    own = (wanted.env, wanted.secrets, wanted.labels, wanted.annotations, wanted.process)
    return SavedFunction(
        namespace=wanted.namespace,
        name=wanted.name,
        image=wanted.image,
        secrets=wanted.secrets,
        is_sample=where == _SAMPLE and not any(own),
    )


def wait_ready(namespaces: Collection[str], seconds: float) -> Mapping[str, str]:
    """Wait until all functions have the replicas they want; return those that have not, and why."""
    end = time.monotonic() + seconds
    while late := _list_late(namespaces):
        if time.monotonic() > end:
            return late
        time.sleep(_POLL)
    return {}


def _list_late(namespaces: Collection[str]) -> Mapping[str, str]:
    api = open_api()
    try:
        statuses = [one for name in sorted(namespaces) for one in api.list_functions(name)]
    except FaasdError as error:
        return {"all": str(error)}
    lines = lines_from_provider(statuses)
    return {
        f"{one.name}.{one.namespace}": _why(one) for one in lines if one.ready < (one.wanted or 0)
    }


def _why(line: FunctionLine) -> str:
    return f"{line.state}: {line.reason}" if line.reason else line.state
