"""A network of the tests' own: its bridge, its leases, its run directory."""

import json
import subprocess
from pathlib import Path

from faasd.node.domain.settings import NodeSettings

CONFLIST = {
    "cniVersion": "0.4.0",
    "name": "test",
    "plugins": [
        {
            "type": "bridge",
            "bridge": "fdtest0",
            "isGateway": True,
            "hairpinMode": True,
            "ipam": {
                "type": "host-local",
                "ranges": [[{"subnet": "10.62.240.0/24"}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        }
    ],
}


def write(directory: Path, subnet: str, **plugin: object) -> NodeSettings:
    """Write a configuration with its own bridge, leases and run directory."""
    document = json.loads(json.dumps(CONFLIST))
    first = document["plugins"][0]
    first["ipam"] |= {"dataDir": str(directory / "ipam"), "ranges": [[{"subnet": subnet}]]}
    first |= plugin
    path = directory / "test.conflist"
    path.write_text(json.dumps(document))
    return NodeSettings(run_dir=str(directory / "run"), cni_conflist=str(path))


def inside(path: str, *command: str) -> "subprocess.CompletedProcess[str]":
    entering = ["nsenter", f"--net={path}", *command]
    return subprocess.run(entering, capture_output=True, text=True, timeout=20, check=False)


def leases(settings: NodeSettings) -> list[str]:
    return [path.name for path in (Path(settings.cni_conflist).parent / "ipam/test").glob("10.*")]
