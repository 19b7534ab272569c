"""Runs a chain of CNI plugins (CNI spec 0.4.0, "Network Configuration Lists")."""

import json
import logging
import os
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import FaasdError, NoRoom, Unavailable
from faasd.node.adapters.cni.conflist import Conflist, Plugin

TIMEOUT = 30.0
"""Seconds one plugin may take."""

INTERFACE = "eth0"

Result = Mapping[str, object]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What the chain is run for.

    Attributes:
        id: the container's name in CNI's words; one namespace has one.
        path: the file that holds the network namespace.
    """

    id: str
    path: str


class Runner:
    """The plugins of one configuration."""

    def __init__(self, conflist: Conflist, plugins: str) -> None:
        self._conflist = conflist
        self._plugins = plugins

    def add(self, attachment: Attachment) -> Result:
        """Run ADD through the chain; a plugin that fails undoes those before it.

        Returns:
            The last plugin's result (CNI spec, "Result").

        Raises:
            NoRoom: no address is left.
            Unavailable: a plugin failed; the sentence holds its own message.
        """
        result: Result = {}
        with ExitStack() as undo:
            undo.callback(self.delete, attachment, {})
            for plugin in self._conflist.plugins:
                result = self._run("ADD", plugin, attachment, result)
            undo.pop_all()
        return result

    def delete(self, attachment: Attachment, result: Result) -> None:
        """Run DEL through the chain backwards; a plugin that fails does not stop the others."""
        for plugin in reversed(self._conflist.plugins):
            try:
                self._run("DEL", plugin, attachment, result)
            except FaasdError as error:
                log.warning("network of %s: %s", attachment.id, error)

    def _run(self, command: str, plugin: Plugin, attachment: Attachment, result: Result) -> Result:
        name = str(plugin.get("type", ""))
        config = {**plugin, "cniVersion": self._conflist.version, "name": self._conflist.name}
        if result:
            config["prevResult"] = result
        program = Path(self._plugins, name)
        try:
            done = subprocess.run(
                [str(program)],
                input=json.dumps(config).encode(),
                env=self._environment(command, attachment),
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"CNI plugin {name} {command}: {error}") from error
        return _read(f"CNI plugin {name} {command}", done)

    def _environment(self, command: str, attachment: Attachment) -> Mapping[str, str]:
        return {
            "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            "CNI_COMMAND": command,
            "CNI_CONTAINERID": attachment.id,
            "CNI_NETNS": attachment.path,
            "CNI_IFNAME": INTERFACE,
            "CNI_PATH": self._plugins,
        }


def _read(what: str, done: subprocess.CompletedProcess[bytes]) -> Result:
    try:
        answer = json.loads(done.stdout) if done.stdout.strip() else {}
    except ValueError:
        answer = {}
    if done.returncode == 0:
        return answer if isinstance(answer, dict) else {}
    said = str(answer.get("msg", "")) or done.stderr.decode(errors="replace").strip()
    if "no IP addresses available" in said:
        raise NoRoom("no address is left on the bridge: remove functions or widen the subnet")
    raise Unavailable(f"{what} failed: {said or f'exit status {done.returncode}'}")
