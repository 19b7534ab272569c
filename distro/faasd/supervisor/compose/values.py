"""What a compose file says of its services."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from faasd.node.domain.container import Limits, Mount

_UNLIMITED = Limits(swappable=True)


class Restart(Enum):
    """What happens when a service's process ends, and whether an unhealthy one is restarted."""

    NO = "no"
    ON_FAILURE = "on-failure"
    ALWAYS = "always"
    UNLESS_STOPPED = "unless-stopped"


class Condition(Enum):
    """What a service waits for in another before it starts."""

    STARTED = "service_started"
    HEALTHY = "service_healthy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port of the node that leads to one of the container.

    Attributes:
        address: the node's IPv4 address it is published on; ``0.0.0.0`` is all of them.
        protocol: ``tcp`` or ``udp``.
    """

    address: str
    published: int
    target: int
    protocol: str = "tcp"

    def __str__(self) -> str:
        """``127.0.0.1:9090/tcp``, the node's side."""
        return f"{self.address}:{self.published}/{self.protocol}"

    def clashes(self, other: "Port") -> bool:
        """Tell whether both want the same port of the node."""
        same = (self.published, self.protocol) == (other.published, other.protocol)
        everywhere = "0.0.0.0" in (self.address, other.address)  # noqa: S104  # a comparison
        return same and (everywhere or self.address == other.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Healthcheck:
    """A command, run in the container, whose exit status 0 means healthy.

    Attributes:
        command: the arguments; never empty.
        interval: seconds from one check to the next.
        timeout: seconds after which a check has failed.
        retries: failures in a row that make it unhealthy.
        start_period: seconds after the start in which failures do not count.
    """

    command: tuple[str, ...]
    interval: float = 30.0
    timeout: float = 30.0
    retries: int = 3
    start_period: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreService:
    """One service of the file, everything resolved but paths relative to the file's directory.

    Attributes:
        entrypoint: replaces the image's ENTRYPOINT (and drops its CMD) when not None.
        command: replaces the image's CMD when not None.
        env_files: paths of files whose variables `environment` overrides.
        mounts: their sources may be relative to the directory of the file.
        depends_on: the services it waits for, and for what in them.
    """

    name: str
    image: str
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    user: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    env_files: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    ports: tuple[Port, ...] = ()
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    depends_on: Mapping[str, Condition] = field(default_factory=dict)
    restart: Restart = Restart.ALWAYS
    limits: Limits = _UNLIMITED
    healthcheck: Healthcheck | None = None
    host_network: bool = False
