"""What a node is asked for when its power goes, and what must hold once it is back."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.client import Answer, Client, Unreachable
from tests.machine.registry import Registry
from tests.programs.archive import (
    SOURCE,
    Rootfs,
    SavedImage,
    compile_program,
    make_config,
    make_layer,
    write_archive,
)
from tests.vm.host import HOST
from tests.vm.machine import Machine, wait_slowly

_BALLAST = 6 << 20
"""Bytes that each image brings, so that its pull takes a while."""

TRUST = f"""mkdir -p /etc/containers/registries.conf.d
printf '[[registry]]\\nlocation = "{HOST}:5000"\\ninsecure = true\\n' \\
  >/etc/containers/registries.conf.d/vm.conf"""
"""Lets a guest pull from this side over plain HTTP."""

LEFT = """
echo "containers: $(ctr -n openfaas-fn containers ls -q | sort | paste -sd' ')"
echo "tasks: $(ctr -n openfaas-fn tasks ls -q | sort | paste -sd' ')"
echo "networks: $(ls /run/faasd/netns | sort | paste -sd' ')"
echo "failed: $(systemctl --failed --no-legend --plain | cut -d' ' -f1 | paste -sd' ')"
journalctl -b --no-pager -u faasd -u faasd-provider | grep -A30 Traceback || true
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """A registry with images, none of whose layers a node has seen before."""

    registry: Registry
    directory: Path

    def make(self, number: int) -> str:
        """Push image `number`; return what a guest calls it."""
        name = f"docker.io/library/cut:{number}"
        program = compile_program(SOURCE, self.directory / "program")
        ballast = random.Random(number).randbytes(_BALLAST)
        rootfs = Rootfs(programs={"bin/program": program, "etc/ballast": ballast}, links=_LINKS)
        archive = self.directory / f"{number}.tar"
        config = make_config("/bin/serve", VERSION=str(number))
        write_archive(archive, [SavedImage(name=name, layer=make_layer(rootfs), config=config)])
        pushed = self.registry.push(archive, name, f"cut:{number}")
        return pushed.replace(self.registry.address, f"{HOST}:5000")


_LINKS = {"bin/serve": "program"}


def accept(ask: Callable[[], Answer], seconds: float = 60) -> None:
    """Ask until the node accepts it; one too busy to answer in time (504) is asked again."""

    def is_accepted() -> bool:
        answer = ask()
        assert answer.status in (200, 202, 504), answer.text
        return answer.status != 504

    wait_slowly(is_accepted, seconds, lambda: "the node accepts what it is asked for")


def settle(client: Client, names: set[str]) -> bool:
    """Tell whether exactly these functions are there, each with as many replicas as wanted."""
    try:
        found = client.call("GET", "/system/functions")
        if found.status != 200 or {one["name"] for one in found.json} != names:
            return False
        described = [client.describe(name).json for name in sorted(names)]
    except Unreachable:
        return False
    return all(one["availableReplicas"] == one["replicas"] for one in described)


def replicas_of(machine: Machine, kind: str) -> list[str]:
    """Return the containers, tasks or networks of functions in the guest."""
    for line in machine.do(LEFT).splitlines():
        if line.startswith(f"{kind}: "):
            return line.removeprefix(f"{kind}: ").split()
    raise AssertionError(f"no line {kind}")
