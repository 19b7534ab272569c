"""What a container runs, as whom, with which environment and capabilities."""

from typing import TypedDict

from faasd.base.errors import Unsatisfiable
from faasd.node.domain.blueprint import Blueprint
from faasd.node.domain.oci.capabilities import effective_capabilities

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Capabilities(TypedDict):
    """Sets of capability names."""

    bounding: list[str]
    effective: list[str]
    permitted: list[str]


class User(TypedDict):
    """Numbers; see `ContainerUser`."""

    uid: int
    gid: int
    additionalGids: list[int]


class Process(TypedDict):
    """``process`` of the runtime specification."""

    terminal: bool
    user: User
    args: list[str]
    env: list[str]
    cwd: str
    capabilities: Capabilities
    noNewPrivileges: bool


def build_process(blueprint: Blueprint) -> Process:
    """Return the process of a blueprint.

    No limit (rlimit) is set: raising one needs a capability that not every machine has, and the
    defaults of containerd's service are what people expect.

    Raises:
        Unsatisfiable: there is nothing to run.
    """
    user = blueprint.user
    names = sorted(
        effective_capabilities(blueprint.spec.capabilities_add, blueprint.spec.capabilities_drop)
    )
    # A process of another user than root gets none to begin with, only what it may come to have.
    held = names if user.uid == 0 else []
    return {
        "terminal": False,
        "user": {"uid": user.uid, "gid": user.gid, "additionalGids": list(user.groups)},
        "args": list(arguments(blueprint)),
        "env": [f"{key}={value}" for key, value in environment(blueprint).items()],
        "cwd": blueprint.image.config.working_dir or "/",
        "capabilities": {"bounding": names, "effective": held, "permitted": held},
        "noNewPrivileges": True,
    }


def arguments(blueprint: Blueprint) -> tuple[str, ...]:
    """Return ENTRYPOINT and CMD by Docker's rules: a given entrypoint drops the image's CMD.

    Raises:
        Unsatisfiable: both are empty.
    """
    spec, config = blueprint.spec, blueprint.image.config
    entrypoint = config.entrypoint if spec.entrypoint is None else spec.entrypoint
    default = config.command if spec.entrypoint is None else ()
    command = default if spec.command is None else spec.command
    if not (*entrypoint, *command):
        raise Unsatisfiable(
            f"image {spec.image} has neither ENTRYPOINT nor CMD: there is nothing to run",
            field="image",
        )
    return (*entrypoint, *command)


def environment(blueprint: Blueprint) -> dict[str, str]:
    """Return the image's environment, and the spec's on top of it."""
    return {
        "PATH": DEFAULT_PATH,
        "HOME": blueprint.user.home,
        "HOSTNAME": blueprint.spec.name,
        **blueprint.image.config.env,
        **blueprint.spec.env,
    }
