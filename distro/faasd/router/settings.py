"""What HAProxy is configured with, read once by whoever writes its configuration."""

from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import InvalidInput
from faasd.router.wanted import Endpoint

NODE_ADDRESS = "10.62.0.1"
"""The node's own address on the bridge, unless somebody chose another subnet."""

BIND_FROM_ENVIRONMENT = '"${ROUTER_BIND}"'
"""HAProxy's own environment says where the front door is: the compose file's to set."""

GATEWAY = Endpoint(address=NODE_ADDRESS, port=8084)
ACTIVATOR = Endpoint(address=NODE_ADDRESS, port=8085)
METRICS_PORT = 8405

MAP_NAME = "functions.map"

SOCKET_PATH_MOST = 97
"""Linux allows 107 bytes; HAProxy binds `PATH.PID.tmp` first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request may be and how long it may take; times in seconds."""

    header_bytes: int = 15360
    """All headers and the request line together; HAProxy keeps 1 kB more for its own."""
    header_count: int = 100
    body_bytes: int | None = None
    """Refuses a longer Content-Length with 413; bodies of unknown length pass."""
    connections: int = 4096
    in_flight: int = 1000
    """Requests that one replica has at once; more wait in the queue."""
    header_seconds: int = 10
    keep_alive_seconds: int = 60
    read_seconds: int = 60
    """A client that sends or takes nothing for so long is cut off."""
    service_seconds: int = 60
    """A function that answers nothing for so long gives 504."""
    queue_seconds: int = 30
    tunnel_seconds: int = 3600
    """WebSockets, and streams of the gateway such as logs, may be silent for so long."""
    activator_tries: int = 30
    """An activator that takes no connection may be starting: it is tried so often, each second."""
    linger_seconds: int = 1800
    """How long requests in flight may hold on to the process before a growth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterSettings:
    """One HAProxy: where it listens, what stands behind it, where its files are."""

    directory: Path
    """Configuration, map and sockets; HAProxy and the program with the `Router` share it."""
    gateway: Endpoint = GATEWAY
    activator: Endpoint = ACTIVATOR
    binds: tuple[str, ...] = (BIND_FROM_ENVIRONMENT,)
    metrics_binds: tuple[str, ...] = (f"127.0.0.1:{METRICS_PORT}", f"{NODE_ADDRESS}:{METRICS_PORT}")
    expose_metrics: bool = False
    """Whether `/metrics` of the gateway is reachable through the front door."""
    threads: int = 0
    """As many as there are cores when 0."""
    sample: int = 100
    """One request in so many is logged for the latency histogram."""
    socket_mode: str = "660"
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        if len(str(self.directory / "successor.sock")) > SOCKET_PATH_MOST:
            raise InvalidInput(
                f"the directory {self.directory} is too long for sockets in it",
                field="directory",
            )
        if not self.binds or self.sample < 1:
            raise InvalidInput(
                "the router needs an address to listen on and a sample of 1 or more",
                field="binds",
            )

    @property
    def config_file(self) -> Path:
        """What HAProxy is started with: ``haproxy -W -S MASTER -f CONFIG``."""
        return self.directory / "haproxy.cfg"

    @property
    def map_file(self) -> Path:
        """Which name in a path means which backend."""
        return self.directory / MAP_NAME

    @property
    def admin_socket(self) -> Path:
        """HAProxy's runtime API."""
        return self.directory / "admin.sock"

    @property
    def master_socket(self) -> Path:
        """Where HAProxy's master takes `reload`; named on its command line by ``-S``."""
        return self.directory / "master.sock"

    @property
    def successor_socket(self) -> Path:
        """Where a worker that is being replaced hands requests to its successor."""
        return self.directory / "successor.sock"

    @property
    def waking_socket(self) -> Path:
        """Where requests for functions without a live replica go, on their way to the activator."""
        return self.directory / "waking.sock"

    @property
    def failures_socket(self) -> Path:
        """Datagrams: one line for each answer that is not 200."""
        return self.directory / "failures.sock"

    @property
    def sample_socket(self) -> Path:
        """Datagrams: one line for one request in `sample`."""
        return self.directory / "sample.sock"
