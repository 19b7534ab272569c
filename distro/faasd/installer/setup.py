"""The steps of `faasd install`: files and settings. Starting is another matter (`services`)."""

import secrets
import string
from collections.abc import Sequence
from pathlib import Path

from faasd.installer.assets import read_asset
from faasd.installer.files import make_directory, write_config, write_file
from faasd.installer.paths import (
    COMPOSE_FILE,
    DIRECTORY_MODES,
    NETWORK_CONFIG,
    PROMETHEUS_CONFIG,
    SECRETS_DIR,
    SYSCTL_CONFIG,
    Machine,
)
from faasd.installer.steps import Step

USER = "admin"
PASSWORD_LENGTH = 63
_PASSWORD_LETTERS = string.ascii_letters + string.digits


def setup_steps(machine: Machine) -> Sequence[Step]:
    """Return what makes a machine ready for our programs."""
    return (
        Step(title="directories", run=lambda: make_directories(machine)),
        Step(title="network", run=lambda: write_network_config(machine)),
        Step(title="core services", run=lambda: write_core_services(machine)),
        Step(title="login", run=lambda: make_credentials(machine)),
        Step(title="kernel settings", run=lambda: write_kernel_settings(machine)),
    )


def make_directories(machine: Machine) -> str:
    """Make the directories that stay, each with its permissions."""
    changed = [
        path for path, mode in DIRECTORY_MODES.items() if make_directory(machine.at(path), mode)
    ]
    return f"made {', '.join(changed)}" if changed else "all there"


def write_network_config(machine: Machine) -> str:
    """Write the containers' network for the CNI plugins; one that was edited is kept."""
    return write_config(machine, NETWORK_CONFIG, read_asset("cni/10-openfaas.conflist"))


def write_core_services(machine: Machine) -> str:
    """Write what `faasd up` runs, and what Prometheus asks; what was edited is kept."""
    said = [
        write_config(machine, path, read_asset(path.rpartition("/")[2]))
        for path in (COMPOSE_FILE, PROMETHEUS_CONFIG)
    ]
    return ", ".join(said)


def make_credentials(machine: Machine) -> str:
    """Make the user and the password of the API, once; they are never changed after that."""
    directory = machine.at(SECRETS_DIR)
    made = [
        name
        for name, value in (
            ("basic-auth-user", USER),
            ("basic-auth-password", _new_password()),
        )
        if _write_once(directory / name, value)
    ]
    return f"made {' and '.join(made)}" if made else "user and password kept"


def write_kernel_settings(machine: Machine) -> str:
    """Write the kernel settings for every boot, and set them now where the machine lets us."""
    text = read_asset("90-faasd.conf")
    said = write_config(machine, SYSCTL_CONFIG, text)
    refused = [key for key, value in _settings(text) if not _set_now(machine, key, value)]
    return f"{said}; could not set now: {', '.join(refused)}" if refused else said


def _settings(text: str) -> Sequence[tuple[str, str]]:
    lines = [line for line in text.splitlines() if "=" in line and not line.startswith("#")]
    pairs = [line.partition("=") for line in lines]
    return [(key.strip(), value.strip()) for key, _, value in pairs]


def _set_now(machine: Machine, key: str, value: str) -> bool:
    path = machine.at("/proc/sys/" + key.replace(".", "/"))
    try:
        if is_weaker(path.read_text(), value):
            path.write_text(value)
    except OSError:
        return False
    return True


def is_weaker(found: str, wanted: str) -> bool:
    """Tell whether a setting must change: 0 turns something off, all else is the least."""
    return int(found) != 0 if int(wanted) == 0 else int(found) < int(wanted)


def _new_password() -> str:
    return "".join(secrets.choice(_PASSWORD_LETTERS) for _ in range(PASSWORD_LENGTH))


def _write_once(path: Path, value: str) -> bool:
    if path.is_file() and path.read_text().strip():
        path.chmod(0o600)
        return False
    write_file(path, value, 0o600)
    return True
