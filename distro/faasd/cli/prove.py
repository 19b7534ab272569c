"""`faasd prove`: deploys a function and calls it, as the last step of install.sh."""

import json
import time
from collections.abc import Callable

import click

from faasd.base.errors import FaasdError, TimedOut, Unavailable
from faasd.cli.api import ACCEPTED, OK, Api, open_api

_POLL = 0.1


@click.command(hidden=True)
@click.argument("image")
@click.option("--name", default="echo", show_default=True, help="The function's name.")
@click.option("--timeout", default=60.0, show_default=True, help="Seconds for each wait.")
def prove(image: str, name: str, timeout: float) -> None:
    """Deploy IMAGE with the node's login, wait until it is ready, call it, print its answer."""
    api = open_api()
    wait(api.is_up, timeout, lambda: f"the provider at {api.url}")
    deploy(api, name, image)
    wait(lambda: is_ready(api, name), timeout, lambda: f"function {name}: {describe(api, name)}")
    print(call(api, name))


def deploy(api: Api, name: str, image: str) -> None:
    """Ask for the function, unless somebody has one of this name with another image.

    Raises:
        FaasdError: it was not accepted.
    """
    status, text = api.ask("GET", f"/system/function/{name}")
    if status == OK and json.loads(text).get("image") != image:
        return
    body = json.dumps({"service": name, "image": image})
    status, text = api.ask("POST", "/system/functions", body)
    if status not in (OK, ACCEPTED):
        raise FaasdError(f"the provider did not accept {name}: {status} {text.strip()}")


def is_ready(api: Api, name: str) -> bool:
    """Tell whether a replica of the function is ready."""
    status, text = api.ask("GET", f"/system/function/{name}")
    return status == OK and int(json.loads(text).get("availableReplicas", 0)) > 0


def describe(api: Api, name: str) -> str:
    """Return what the provider says of the function."""
    return api.ask("GET", f"/system/function/{name}")[1].strip()


def call(api: Api, name: str) -> str:
    """Return the function's answer.

    Raises:
        Unavailable: it answered with an error.
    """
    status, text = api.invoke(name, "hello")
    if status != OK:
        raise Unavailable(f"function {name} answered {status}: {text.strip()}")
    return text.rstrip()


def wait(is_done: Callable[[], bool], timeout: float, what: Callable[[], str]) -> None:
    """Wait for something; `what` tells then what it was.

    Raises:
        TimedOut: it was not so within `timeout` seconds.
    """
    end = time.monotonic() + timeout
    while not is_done():
        if time.monotonic() > end:
            raise TimedOut(f"waited {timeout:.0f} s for {what()}; see `faasd status` and the logs")
        time.sleep(_POLL)
