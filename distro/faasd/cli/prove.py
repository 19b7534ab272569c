"""`faasd prove`: deploys a function and calls it, as the last step of install.sh."""

import json
import time
from collections.abc import Callable
from dataclasses import replace

import click

from faasd.base.errors import FaasdError, TimedOut, Unavailable
from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE
from faasd.cli.api import ACCEPTED, OK, Api, open_api
from faasd.cli.callback import Callback, receiving
from faasd.cli.front_door import find_front_door

_POLL = 0.1
_BODY = "hello"


@click.command(hidden=True)
@click.argument("image")
@click.option("--name", default="echo", show_default=True, help="The function's name.")
@click.option("--timeout", default=90.0, show_default=True, help="Seconds for each wait.")
def prove(image: str, name: str, timeout: float) -> None:
    """Deploy IMAGE with the node's login, wait until it is ready, call it at once and later.

    All by the front door, as everybody does.
    """
    provider = open_api()
    host, port = find_front_door()
    door = replace(provider, host=host, port=port)
    wait(provider.is_up, timeout, lambda: f"the provider at {provider.url}")
    wait(door.is_up, timeout, lambda: f"the front door at {door.url}")
    deploy(door, name, image)
    wait(lambda: is_ready(door, name), timeout, lambda: f"function {name}: {describe(door, name)}")
    print(f"The function answers a call of {door.url}/function/{name}:\n")
    print(call(door, name))
    answer = call_later(door, name, timeout)
    print(
        f"\nA call of {door.url}/async-function/{name} was queued, made, and its answer sent on:\n"
    )
    print(f"status {answer.status}, {len(answer.body)} bytes, call id {answer.call_id}")


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
        raise FaasdError(f"{api.url} did not accept {name}: {status} {text.strip()}")


def is_ready(api: Api, name: str, namespace: str = DEFAULT_FUNCTION_NAMESPACE) -> bool:
    """Tell whether a replica of the function is ready."""
    status, text = api.ask("GET", f"/system/function/{name}?namespace={namespace}")
    return status == OK and int(json.loads(text).get("availableReplicas", 0)) > 0


def describe(api: Api, name: str, namespace: str = DEFAULT_FUNCTION_NAMESPACE) -> str:
    """Return what the node says of the function."""
    return api.ask("GET", f"/system/function/{name}?namespace={namespace}")[1].strip()


def call(api: Api, name: str) -> str:
    """Return the function's answer.

    Raises:
        Unavailable: it answered with an error.
    """
    status, text = api.invoke(name, _BODY)
    if status != OK:
        raise Unavailable(f"function {name} answered {status}: {text.strip()}")
    return text.rstrip()


def call_later(api: Api, name: str, timeout: float) -> Callback:
    """Have the function called by the queue; return what it answered.

    Raises:
        Unavailable: the call was not taken, or ended with an error.
        TimedOut: its answer did not come within `timeout` seconds.
    """
    with receiving() as receiver:
        wait(
            lambda: api.invoke_later(name, _BODY, receiver.url)[0] == ACCEPTED,
            timeout,
            lambda: f"the queue: {api.invoke_later(name, _BODY, receiver.url)[1].strip()}",
        )
        wait(receiver.has_come, timeout, lambda: f"the answer of a queued call of {name}")
        answer = receiver.get()
    if answer.status != OK:
        raise Unavailable(f"a queued call of function {name} ended with {answer.status}")
    return answer


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
