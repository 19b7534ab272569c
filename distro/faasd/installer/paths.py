"""Where the distribution's files are on a machine."""

from dataclasses import dataclass
from pathlib import Path

NETWORK_CONFIG = "/etc/cni/net.d/10-openfaas.conflist"
NODE_CONFIG = "/etc/faasd/node.conf"
FIREWALL_CONFIG = "/etc/faasd/firewall.nft"
FIREWALL_UNIT = "/etc/systemd/system/faasd-firewall.service"
FIREWALL_DROP_IN = "/etc/systemd/system/nftables.service.d/faasd.conf"
"""For Debian's unit, whether or not it is enabled."""
CADDY_CONFIG = "/etc/caddy/Caddyfile"
CADDY_SITE = "/etc/caddy/faasd.caddy"
ENVIRONMENT_FILE = "/var/lib/faasd/.env"
"""Beside the compose file, whose `${NAME}` it gives values to."""
SYSCTL_CONFIG = "/etc/sysctl.d/90-faasd.conf"
STATE_DIR = "/var/lib/faasd"
PROVIDER_DIR = "/var/lib/faasd-provider"
SECRETS_DIR = "/var/lib/faasd/secrets"
PRISTINE_DIR = "/var/lib/faasd/pristine"
SERVICES_DIR = "/var/lib/faasd/sv"
COMPOSE_FILE = "/var/lib/faasd/docker-compose.yaml"
PROMETHEUS_CONFIG = "/var/lib/faasd/prometheus.yml"
CORE_IMAGES_DIR = "/var/lib/faasd/core-images"
RUN_DIR = "/run/faasd"
ROUTER_DIR = "/run/faasd/router"
GATEWAY_SECRETS_DIR = "/run/faasd/secrets"
NATS_DIR = "/run/faasd/nats"
RUNC_STATE = "/run/containerd/runc/openfaas"
"""Where containerd's shims have runc keep the state of core services."""
LOG_DIR = "/var/log/faasd"
CACHE_DIR = "/var/cache/faasd"

DIRECTORY_MODES = {
    STATE_DIR: 0o755,
    SECRETS_DIR: 0o700,
    PRISTINE_DIR: 0o755,
    f"{STATE_DIR}/.docker": 0o700,
    f"{STATE_DIR}/images": 0o700,
    CORE_IMAGES_DIR: 0o755,
    PROVIDER_DIR: 0o700,
    f"{PROVIDER_DIR}/secrets": 0o700,
    LOG_DIR: 0o750,
    "/etc/cni/net.d": 0o755,
    "/etc/sysctl.d": 0o755,
}
"""Directories kept over a reboot, and their permissions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine to be set up, by its root directory; tests give another."""

    root: Path = Path("/")

    def at(self, path: str) -> Path:
        """Return where the absolute `path` is on this machine."""
        return self.root / path.lstrip("/")
