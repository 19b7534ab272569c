"""A real Caddy of a test's own with the site that `faasd install --domain` writes."""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from pathlib import Path

from faasd.installer.choices import Choices
from faasd.installer.https import render_site
from tests.machine.processes import require_sandbox, wait_until
from tests.node.router.running import free_port

DOMAIN = "faasd.lan"
START = 20.0
ROOT = "share/caddy/pki/authorities/local/root.crt"


class RunningCaddy:
    """Caddy with a certificate of its own authority, on ports that nobody has."""

    def __init__(self, upstream: str) -> None:
        require_sandbox()
        self.directory = Path(tempfile.mkdtemp(prefix="caddy"))
        self.port, self.plain_port = free_port(), free_port()
        config = self.directory / "Caddyfile"
        site = render_site(Choices(domain=DOMAIN, tls="internal"), upstream)
        ports = f"http_port {self.plain_port}\n\thttps_port {self.port}"
        config.write_text(f"{{\n\tadmin off\n\tskip_install_trust\n\t{ports}\n}}\n{site}")
        self._log = self.directory / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["caddy", "run", "--config", str(config)],
                stdout=log,
                stderr=log,
                env=os.environ | {"XDG_DATA_HOME": str(self.directory / "share"), "HOME": "/"},
            )
        wait_until(self._answers, START, f"Caddy serves:\n{self._log.read_text()}")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        shutil.rmtree(self.directory)

    def trust(self) -> ssl.SSLContext:
        """Return what believes this Caddy's authority, and nobody else."""
        return ssl.create_default_context(cafile=str(self.directory / ROOT))

    def connect(self, timeout: float = 20) -> ssl.SSLSocket:
        """Return a connection whose certificate is the domain's."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout)
        return self.trust().wrap_socket(plain, server_hostname=DOMAIN)

    def _answers(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        try:
            self.connect(5).close()
        except (OSError, ssl.SSLError):
            return False
        return True
