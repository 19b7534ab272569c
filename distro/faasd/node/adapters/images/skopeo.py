"""Runs skopeo: one thin function, and what its errors mean."""

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import Unavailable
from faasd.node.adapters.images.complaints import read_complaint

POLICY = Path("/etc/containers/policy.json")
"""The system's signature policy; without one, skopeo refuses every image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skopeo:
    """How skopeo is run.

    Attributes:
        authfile: registry credentials as Docker writes them; used where the file exists.
        registries_conf: containers-registries.conf(5); empty for the system's.
        policy: containers-policy.json(5).
    """

    authfile: Path
    registries_conf: str
    policy: Path

    def run(
        self, arguments: Sequence[str], subject: str, timeout: float, told: bytes = b""
    ) -> bytes:
        """Run one command and return what it printed.

        Args:
            arguments: begins with the command: ``inspect``, ``copy``, ``login`` or ``logout``.
            subject: the image, file or registry, for the sentence of an error.
            timeout: seconds; then it and all it started is killed.
            told: what it reads from its standard input.

        Raises:
            Unsatisfiable, Unavailable, NoRoom, InvalidInput: see `ImageSource`.
        """
        # Its help does not show --registries-conf, and the environment sets no other file.
        registries = ("--registries-conf", self.registries_conf) if self.registries_conf else ()
        command = ["skopeo", "--policy", str(self.policy), *registries, *arguments]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise Unavailable(f"cannot run skopeo: {error}") from error
        with process:
            output, complaint = _communicate(process, subject, timeout, told)
        if process.returncode != 0:
            raise read_complaint(complaint.decode(errors="replace"), subject)
        return output

    def credentials(self) -> Sequence[str]:
        """Return the arguments that name the credentials, for commands that ask a registry."""
        return ("--authfile", str(self.authfile)) if self.authfile.is_file() else ()


def _communicate(
    process: "subprocess.Popen[bytes]", subject: str, timeout: float, told: bytes
) -> tuple[bytes, bytes]:
    try:
        return process.communicate(told, timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{subject} did not come within {timeout:.0f} s") from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
