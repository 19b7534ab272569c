"""What a container is asked to be, and what it is found to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

DEFAULT_PIDS = 4096
DEFAULT_GRACE = 30.0

LABEL_NAME = "faasd.name"
LABEL_GENERATION = "faasd.generation"
LABEL_REPLICA = "faasd.replica"
LABEL_IMAGE = "faasd.image"
"""Labels on containerd's container records; a label's key and value together hold 4096 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Hard limits of one container, and what it has a claim to; None is none.

    Attributes:
        memory: bytes, swap included.
        swappable: whether the kernel may swap besides, where memory has a limit.
        cpu: thousandths of a core.
        memory_request: bytes that others' wants take last.
        cpu_request: thousandths of a core; its share where there is not enough for all.
        pids: processes and threads.
    """

    memory: int | None = None
    swappable: bool = False
    cpu: int | None = None
    memory_request: int | None = None
    cpu_request: int | None = None
    pids: int = DEFAULT_PIDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A file or directory of the node seen at `target` in the container."""

    source: str
    target: str
    read_only: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFile:
    """A stored secret, shown to the container's user as ``/var/openfaas/secrets/NAME``."""

    name: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """What one container is asked to be: the word that provider and supervisor share with the node.

    Attributes:
        namespace: containerd namespace, e.g. ``openfaas-fn``.
        id: containerd identifier, unique in its namespace (`faasd.base.names.container_id`).
        name: the function or core service it belongs to; log lines carry ``namespace:name``.
        generation: the deployment it was made from; higher is newer.
        replica: which of the equal replicas it is, from 0.
        image: the name of an image that the node holds (`Images.ensure` or `Images.load`).
        entrypoint: replaces the image's ENTRYPOINT (and drops its CMD) when not None.
        command: replaces the image's CMD when not None.
        env: added to the image's ENV, whose value of the same key it replaces.
        user: replaces the image's USER when not empty: ``uid[:gid]`` or ``name[:group]``.
        secrets: files under ``/var/openfaas/secrets`` that only the container's user can read.
        read_only_root: the root is read-only and ``/tmp`` a small writable memory file system.
        capabilities_add: Linux capabilities (``CAP_NET_ADMIN``) beyond the default minimal set.
        capabilities_drop: capabilities taken from it; ``ALL`` takes every one.
        shim_group: containers of one group share one containerd shim; empty is a shim of its own.
        grace: seconds from SIGTERM to SIGKILL.
        host_network: no namespace of its own but the node's.
        labels: kept on the container record and found again in `Workload.labels`.
    """

    namespace: str
    id: str
    name: str
    image: str
    generation: int = 0
    replica: int = 0
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    mounts: tuple[Mount, ...] = ()
    secrets: tuple[SecretFile, ...] = ()
    limits: Limits = Limits()
    read_only_root: bool = False
    capabilities_add: tuple[str, ...] = ()
    capabilities_drop: tuple[str, ...] = ()
    shim_group: str = ""
    grace: float = DEFAULT_GRACE
    host_network: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


class TaskState(Enum):
    """What the container's process is found doing.

    NONE: there is no task. STOPPED: it ended and waits to be deleted.
    """

    NONE = "none"
    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A container's process as containerd tells it.

    Attributes:
        pid: of its first process on the node, 0 where there is none. One that is RUNNING without
            one is not known to: containerd could not say in time.
        exit_status: 0 to 255, of a STOPPED task; 128 + n when signal n ended it.
        exited_at: of a STOPPED task.
    """

    id: str
    state: TaskState = TaskState.NONE
    pid: int = 0
    exit_status: int = 0
    exited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerRecord:
    """A container as containerd stores it, whether or not a task runs."""

    namespace: str
    id: str
    image: str
    labels: Mapping[str, str]
    created_at: datetime
    shim_group: str = ""
    has_network: bool = True
    grace: float = DEFAULT_GRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A container found on the node, its task and its address together.

    Attributes:
        address: its IPv4 address on the bridge; None on the host's network, and after a reboot
            until `Workloads.create` has made its network again.
    """

    record: ContainerRecord
    task: Task
    address: str | None

    @property
    def id(self) -> str:
        """The containerd identifier."""
        return self.record.id

    @property
    def namespace(self) -> str:
        """The containerd namespace."""
        return self.record.namespace

    @property
    def name(self) -> str:
        """The function or core service it belongs to."""
        return self.record.labels.get(LABEL_NAME, self.record.id)

    @property
    def generation(self) -> int:
        """The deployment it was made from."""
        return int(self.record.labels.get(LABEL_GENERATION, "0"))

    @property
    def replica(self) -> int:
        """Which of the equal replicas it is, from 0."""
        return int(self.record.labels.get(LABEL_REPLICA, "0"))

    @property
    def state(self) -> TaskState:
        """What its process is doing."""
        return self.task.state
