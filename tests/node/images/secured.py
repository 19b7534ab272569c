"""A registry with basic authentication (user u, password secret) and TLS, by a CA of its own."""

import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.machine.processes import require_sandbox, wait_until
from tests.machine.registry import CONFIG

HTPASSWD = "u:$2b$04$LwjTCBq.1nUiUOKUFmggG.tgmHhgahT09nkgxvNtdWzwqGzZR1Nzq\n"
AUTH = "auth: {{htpasswd: {{realm: private, path: {path}}}}}\n"
TLS = ', tls: {{certificate: "{directory}/server.crt", key: "{directory}/server.key"}}}}'
CERTS = Path("/etc/containers/certs.d")


@dataclass(frozen=True)
class Secured:
    """Where it is, and its CA's certificate."""

    address: str
    ca: Path

    def trust(self) -> None:
        """Let this machine trust its CA."""
        require_sandbox()
        directory = CERTS / self.address
        directory.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.ca, directory / "ca.crt")

    def distrust(self) -> None:
        """Undo that."""
        shutil.rmtree(CERTS / self.address, ignore_errors=True)

    def asks_for_login(self) -> bool:
        """Tell whether it answers."""
        context = ssl.create_default_context(cafile=str(self.ca))
        try:
            with urllib.request.urlopen(f"https://{self.address}/v2/", timeout=1, context=context):
                return False
        except urllib.error.HTTPError as answer:
            answer.close()
            return answer.code == 401
        except OSError:
            return False


@contextmanager
def secured(images: Path, directory: Path, address: str) -> Iterator[Secured]:
    """Serve a copy of a registry's images over TLS, to those with the login."""
    shutil.copytree(images / "docker", directory / "images/docker")
    make_certificates(directory)
    (directory / "htpasswd").write_text(HTPASSWD)
    text = CONFIG.format(root=directory / "images", address=address).rstrip().removesuffix("}")
    text += TLS.format(directory=directory) + "\n" + AUTH.format(path=directory / "htpasswd")
    (directory / "secured.yml").write_text(text)
    made = Secured(address, directory / "ca.crt")
    with serving(directory / "secured.yml"):
        wait_until(made.asks_for_login, 20, "the registry with TLS")
        try:
            yield made
        finally:
            made.distrust()


@contextmanager
def serving(config: Path) -> Iterator[None]:
    """Run docker-registry."""
    with config.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(
            ["docker-registry", "serve", str(config)], stderr=log, stdout=log
        )
    try:
        yield
    finally:
        process.kill()
        process.wait(10)


def make_certificates(directory: Path) -> None:
    """Make a CA, and a certificate for 127.0.0.1 that it signed."""
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    new += ["-nodes", "-days", "2"]
    ca = [*new, "-subj", "/CN=tests", "-keyout", "ca.key", "-out", "ca.crt"]
    server = [*new, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    server += ["-addext", "basicConstraints=critical,CA:FALSE", "-CA", "ca.crt", "-CAkey", "ca.key"]
    for command in (ca, [*server, "-keyout", "server.key", "-out", "server.crt"]):
        subprocess.run(command, check=True, cwd=directory, capture_output=True, timeout=30)
