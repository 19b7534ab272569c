"""The gateway's settings, read once from the environment; docs/gateway.md lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from faasd.base.settings import DAY, SettingsReader


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """Where the gateway listens, what it talks to, where it keeps things; times in seconds.

    Attributes:
        bind_host: the name or address of the bridge; all listeners are there.
        control_port: `/system`, `/async-function`, `/ui` and `/healthz`, behind the router.
        activator_port: calls of functions without a live replica.
        basic_auth: whether `/system` and `/ui` ask for the login.
        login_directory: holds ``basic-auth-user`` and ``basic-auth-password``.
        router_dir: shared with HAProxy and the provider.
        state_dir: what has been counted, for after a restart.
        provider_timeout: for the provider to begin an answer, and between two pieces of it.
        activation_timeout: for a function without a replica to be ready.
        guesses: wrong passwords of one address in a minute, before it is made to wait.
        grace: for requests in flight when the gateway is told to end.
    """

    provider_url: str = "http://faasd-provider:8081"
    bind_host: str = "faasd-provider"
    control_port: int = 8084
    activator_port: int = 8085
    metrics_port: int = 8082
    basic_auth: bool = True
    login_directory: str = "/run/secrets"
    router_dir: Path = Path("/run/faasd/router")
    state_dir: Path = Path("/var/lib/faasd/gateway")
    provider_timeout: float = 65.0
    activation_timeout: float = 50.0
    guesses: int = 10
    grace: float = 3.0


def read_settings(environment: Mapping[str, str]) -> GatewaySettings:
    """Read the settings; an empty one counts as not set.

    Raises:
        InvalidInput: one is wrong; the sentence names it.
    """
    default, get = GatewaySettings(), SettingsReader(environment, longest=DAY)
    return GatewaySettings(
        provider_url=get.read(
            "provider_url", default.provider_url, _check_url, "like http://HOST:PORT"
        ),
        bind_host=get.text("bind_host", default.bind_host),
        control_port=get.port("control_port", default.control_port),
        activator_port=get.port("activator_port", default.activator_port),
        metrics_port=get.port("metrics_port", default.metrics_port),
        basic_auth=get.flag("basic_auth", default=default.basic_auth),
        login_directory=get.text("secret_mount_path", default.login_directory),
        router_dir=Path(get.text("router_dir", str(default.router_dir))),
        state_dir=Path(get.text("state_dir", str(default.state_dir))),
        provider_timeout=get.seconds("provider_timeout", default.provider_timeout),
        activation_timeout=get.seconds("activation_timeout", default.activation_timeout),
        guesses=get.number("login_guesses", default.guesses, range(1, 1001)),
    )


def _check_url(text: str) -> str:
    parts = urlsplit(text)
    plain = not (parts.query or parts.fragment or parts.username)
    if parts.scheme != "http" or not parts.hostname or not parts.port or not plain:
        raise ValueError(text)
    if parts.path not in ("", "/"):
        raise ValueError(text)
    return f"http://{parts.netloc}"
