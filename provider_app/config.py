"""The provider's settings, read once from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from faasd.base.quantities import parse_memory
from faasd.base.settings import WEEK, SettingsReader
from faasd.node.domain.settings import NodeSettings

LEAST_THREADS = 20
"""So that some are left for calls beside those reserved for the API."""

STREAMS = 32
"""Answers that go on for long at once (followed logs); they hold threads beside `threads`."""

ROUTE_STREAMS = 4
"""Followers of the routes, each a gateway's; they hold threads beside `threads`, too."""


class PullPolicy(Enum):
    """When a deploy asks the registry for the image.

    ALWAYS: at each deploy, so that a tag that moved is noticed. IF_NOT_PRESENT: only for an image
    that the node does not hold.
    """

    ALWAYS = "Always"
    IF_NOT_PRESENT = "IfNotPresent"


_POLICIES = "Always or IfNotPresent"
_QUANTITY = "a quantity of memory like 384Mi, or 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """See docs/settings.md; durations are in seconds.

    Attributes:
        basic_auth: whether ``/system`` asks for the login.
        login_directory: holds ``basic-auth-user`` and ``basic-auth-password``.
        service_timeout: for a function to begin its answer, its start included.
        read_timeout: for a caller's request to arrive.
        write_timeout: between two pieces of an answer.
        ready_timeout: until a started replica that does not answer is called failed, and callers
            are told instead of kept waiting; it is asked on.
        update_timeout: for all replicas of a new generation to become ready; then the one before
            is wanted again.
        database: desired state (SQLite).
        secrets_directory: function secrets, ``NAMESPACE/NAME``.
        threads: requests served at once; 16 of them never proxy.
        router_directory: HAProxy's configuration, map and sockets.
        bridge_address: the node's own on the bridge, where its gateway listens.
        memory_reserve: bytes that functions may not ask for; None is as much as suits the machine.
        memory_request: bytes that a replica counts that asks for none.
        pressure_file: the kernel's stalls of memory (PSI), or a cgroup's ``memory.pressure``.
        meminfo_file: how much memory is available, also where there is no PSI.
        shim_group_size: containers that share one containerd shim, at most.
    """

    basic_auth: bool = True
    login_directory: str = "/var/lib/faasd/secrets"
    service_timeout: float = 60.0
    read_timeout: float = 60.0
    write_timeout: float = 60.0
    ready_timeout: float = 20.0
    update_timeout: float = 120.0
    port: int = 8081
    database: str = "/var/lib/faasd-provider/functions.db"
    secrets_directory: str = "/var/lib/faasd-provider/secrets"
    router_directory: str = "/run/faasd/router"
    bridge_address: str = "10.62.0.1"
    pull_policy: PullPolicy = PullPolicy.ALWAYS
    threads: int = 64
    memory_reserve: int | None = None
    memory_request: int = 16 << 20
    pressure_file: str = "/proc/pressure/memory"
    meminfo_file: str = "/proc/meminfo"
    shim_group_size: int = 8
    node: NodeSettings = field(default_factory=NodeSettings)


def read_config(environment: Mapping[str, str]) -> ProviderConfig:
    """Read the settings.

    Raises:
        InvalidInput: one is wrong; the sentence names it.
    """
    default = ProviderConfig()
    get = SettingsReader(environment, longest=WEEK)
    return ProviderConfig(
        basic_auth=get.flag("basic_auth", default=default.basic_auth),
        login_directory=get.text("secret_mount_path", default.login_directory),
        service_timeout=get.seconds("service_timeout", default.service_timeout),
        read_timeout=get.seconds("read_timeout", default.read_timeout),
        write_timeout=get.seconds("write_timeout", default.write_timeout),
        ready_timeout=get.seconds("faasd_ready_timeout", default.ready_timeout),
        update_timeout=get.seconds("faasd_update_timeout", default.update_timeout),
        port=get.port("faasd_provider_port", default.port),
        database=get.text("faasd_database", default.database),
        secrets_directory=get.text("faasd_secrets_dir", default.secrets_directory),
        router_directory=get.text("faasd_router_dir", default.router_directory),
        bridge_address=get.text("faasd_bridge_address", default.bridge_address),
        pull_policy=get.read("faasd_pull_policy", default.pull_policy, PullPolicy, _POLICIES),
        threads=get.number("faasd_threads", default.threads, range(LEAST_THREADS, 1001)),
        pressure_file=get.text("faasd_pressure_file", default.pressure_file),
        meminfo_file=get.text("faasd_meminfo_file", default.meminfo_file),
        shim_group_size=get.number("faasd_shim_group_size", default.shim_group_size, range(1, 101)),
        memory_reserve=get.read("faasd_memory_reserve", None, _bytes, _QUANTITY),
        memory_request=get.read("faasd_memory_request", default.memory_request, _bytes, _QUANTITY),
        node=_node(get, default.node),
    )


def _bytes(text: str) -> int:
    return 0 if text == "0" else parse_memory(text, field="memory")


def _node(get: SettingsReader, default: NodeSettings) -> NodeSettings:
    return NodeSettings(
        containerd_socket=get.text("faasd_containerd_socket", default.containerd_socket),
        run_dir=get.text("faasd_run_dir", default.run_dir),
        state_dir=get.text("faasd_state_dir", default.state_dir),
        cni_conflist=get.text("faasd_cni_conflist", default.cni_conflist),
        cni_plugins=get.text("faasd_cni_plugins", default.cni_plugins),
        registries_conf=get.text("faasd_registries_conf", default.registries_conf),
        snapshotter=get.text("faasd_snapshotter", default.snapshotter),
        log_dir=get.text("faasd_log_dir", default.log_dir),
        mount_namespace=get.text("faasd_mount_namespace", default.mount_namespace),
    )
