"""Use cases: a node is made, looked at, taken away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from faasd.cloud.directory import Directory
from faasd.cloud.gateway import is_answering, wait_for_gateway
from faasd.cloud.terraform import Output, Terraform

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How a node is reached.

    Attributes:
        is_open: whether the gateway's address can be reached without SSH.
    """

    gateway_url: str
    login_cmd: str
    ssh_cmd: str
    is_open: bool


def bring_up(directory: Directory, confirm: Callable[[], bool], say: Say) -> bool:
    """Make the node, or change it to its settings; return whether it is as they say.

    Args:
        directory: prepared.
        confirm: asked once the plan is shown.
        say: told what happens.

    Raises:
        Unavailable: Terraform failed.
    """
    terraform = Terraform(directory.root)
    say("terraform init")
    terraform.init()
    if not terraform.plan():
        say(f"node {directory.name} is as its settings say")
        return True
    if not confirm():
        say("nothing was changed")
        return False
    terraform.apply()
    return True


def find_reach(directory: Directory) -> Reach | None:
    """Return how the node is reached; None where it was never applied."""
    outputs = Terraform(directory.root).outputs()
    if "gateway_url" not in outputs:
        return None
    return decide_reach(outputs, directory.settings())


def decide_reach(outputs: Mapping[str, Output], settings: Mapping[str, object]) -> Reach:
    """Decide from what was applied whether the gateway is open to anybody."""
    url = outputs["gateway_url"].value
    return Reach(
        gateway_url=url,
        login_cmd=outputs["login_cmd"].value,
        ssh_cmd=outputs["ssh_cmd"].value,
        is_open=url.startswith("https://") or bool(settings.get("gateway_cidrs")),
    )


def describe_login(directory: Directory, reach: Reach) -> str:
    """Return what a person does next."""
    login = f"(cd {directory.root} && {reach.login_cmd})"
    if reach.is_open:
        return f"gateway  {reach.gateway_url}\nlogin    {login}\nssh      {reach.ssh_cmd}"
    tunnel = login.replace(reach.gateway_url, "http://127.0.0.1:8080")
    return (
        "The gateway is not open to the network: neither a domain nor gateway_cidrs is set.\n"
        f"ssh      {reach.ssh_cmd}\nlogin    {tunnel}    (while that runs)"
    )


def wait_until_ready(reach: Reach, seconds: float, say: Say) -> None:
    """Wait until the node answers, where that can be seen from here.

    Raises:
        TimedOut: it did not.
    """
    if reach.is_open:
        took = wait_for_gateway(reach.gateway_url, seconds, say)
        say(f"the node answers, after {took:.0f} s")


def describe_state(reach: Reach | None) -> tuple[str, bool]:
    """Return a sentence on the node's state, and whether it is fine."""
    if reach is None:
        return "nothing was applied", False
    if not reach.is_open:
        return f"made; its gateway is reached by {reach.ssh_cmd}", True
    if is_answering(reach.gateway_url):
        return f"{reach.gateway_url} answers", True
    return f"{reach.gateway_url} does not answer", False
