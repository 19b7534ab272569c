"""A registry on loopback, for images to be pulled from."""

import os
import subprocess
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from tests.machine.processes import require_sandbox, wait_until

CONFIG = """\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {root}}}}}
http: {{addr: "{address}"}}
"""
REGISTRIES = '[[registry]]\nlocation = "{address}"\ninsecure = true\n'


@dataclass
class Registry:
    """docker-registry over plain HTTP, its images below `directory`."""

    directory: Path
    address: str = "127.0.0.1:5000"
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.directory.mkdir(parents=True, exist_ok=True)
        config = self.directory / "config.yml"
        config.write_text(CONFIG.format(root=self.directory, address=self.address))
        with (self.directory / "registry.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["docker-registry", "serve", str(config)],
                stdout=log,
                stderr=log,
                env=os.environ | {"OTEL_TRACES_EXPORTER": "none"},
            )
        wait_until(self._answers, 10, f"registry, see {self.directory}/registry.log")

    def trust(self) -> None:
        """Let this machine pull from it over plain HTTP."""
        require_sandbox()
        directory = Path("/etc/containers/registries.conf.d")
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "tests.conf").write_text(REGISTRIES.format(address=self.address))

    def push(self, archive: Path, name: str, tag: str) -> str:
        """Push the image `name` of a `docker save` archive; return its reference here."""
        reference = f"{self.address}/{tag}"
        source = f"docker-archive:{archive}:{name}"
        command = ["skopeo", "copy", "--quiet", "--dest-tls-verify=false", source]
        subprocess.run([*command, f"docker://{reference}"], check=True, timeout=60)
        return reference

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}/v2/", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
