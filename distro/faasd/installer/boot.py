"""What a boot takes away and is made again: the run directory and the files in it."""

import fcntl
import json
import os

from faasd.installer.files import make_directory, write_file
from faasd.installer.paths import (
    GATEWAY_SECRETS_DIR,
    NATS_DIR,
    ROUTER_DIR,
    RUN_DIR,
    SECRETS_DIR,
    Machine,
)
from faasd.node.adapters.filesystem.resolver import write_hosts, write_resolv_conf

NODE_NAMES = ("gateway", "router", "faasd-provider")
"""Names that are the node itself; the supervisor adds those of the other core services."""

ROUTER_USER = 10003
GATEWAY_GROUP = 10004
NATS_GROUP = 10001
"""Users of the core images; see distro/core-image/base."""

LOGIN = ("basic-auth-user", "basic-auth-password")

_NATS_CONFIG = """\
# Made anew at each start. Every function reaches NATS, so it asks for the node's login. What it may
# store is said here: it otherwise takes what is free when it starts, and opens no queue above that.
listen: "0.0.0.0:4222"
http: "127.0.0.1:8222"
jetstream {{ store_dir: "/nats", max_file_store: {store} }}
authorization {{ user: {user}, password: {password} }}
"""
_NATS_STORE = 1 << 30
"""Bytes; the queue and its dead letters together are given less (docs/queue.md)."""


def prepare_boot(machine: Machine) -> None:
    """Make all that needs no network."""
    prepare_run_directory(machine)
    write_resolv_conf(str(machine.at(RUN_DIR)), machine.at("/etc/resolv.conf"))


def prepare_run_directory(machine: Machine) -> None:
    """Make ``/run/faasd``, and below it what the core services share with the node's programs."""
    make_directory(machine.at(RUN_DIR), 0o755)
    with (machine.at(RUN_DIR) / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Our programs may start at the same moment.
        _prepare_router_directory(machine)
        copy_login(machine)
        write_nats_config(machine)


def _prepare_router_directory(machine: Machine) -> None:
    router = machine.at(ROUTER_DIR)
    if make_directory(router, 0o2770) or router.stat().st_uid != ROUTER_USER:
        os.chown(router, ROUTER_USER, GATEWAY_GROUP)
        router.chmod(0o2770)  # The group of what HAProxy makes there is the gateway's.


def copy_login(machine: Machine) -> None:
    """Copy the login to where the gateway, which is not root, may read it."""
    directory = machine.at(GATEWAY_SECRETS_DIR)
    make_directory(directory, 0o750)
    os.chown(directory, 0, GATEWAY_GROUP)
    for name in LOGIN:
        source, copy = machine.at(SECRETS_DIR) / name, directory / name
        if source.is_file():
            write_file(copy, source.read_text(), 0o440)
            os.chown(copy, 0, GATEWAY_GROUP)


def write_nats_config(machine: Machine) -> None:
    """Write the configuration of NATS, which holds the login: only NATS may read it."""
    paths = [machine.at(SECRETS_DIR) / name for name in LOGIN]
    if not all(path.is_file() for path in paths):
        return
    user, password = (json.dumps(path.read_text().strip()) for path in paths)
    directory = machine.at(NATS_DIR)
    make_directory(directory, 0o750)
    os.chown(directory, 0, NATS_GROUP)
    config = directory / "nats.conf"
    write_file(config, _NATS_CONFIG.format(store=_NATS_STORE, user=user, password=password), 0o440)
    os.chown(config, 0, NATS_GROUP)


def write_name_files(machine: Machine, address: str) -> None:
    """Write containers' hosts and resolv.conf; `address` is the node's on the bridge.

    Hosts that are there stay: a supervisor wrote them, and knows more.
    """
    run_dir = machine.at(RUN_DIR)
    if not (run_dir / "hosts").exists():
        write_hosts(str(run_dir), dict.fromkeys(NODE_NAMES, address))
    write_resolv_conf(str(run_dir), machine.at("/etc/resolv.conf"))
