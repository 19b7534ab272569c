"""Runs skopeo: one thin function, and what its errors mean."""

import os
import re
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import FaasdError, InvalidInput, NoRoom, Unavailable, Unsatisfiable

POLICY = Path("/etc/containers/policy.json")
"""The system's signature policy; without one, skopeo refuses every image."""

_NO_SPACE = re.compile("no space left on device|disk quota exceeded", re.IGNORECASE)
_REFUSED = (
    (
        "unauthorized|denied|forbidden|authentication required|invalid username",
        "the registry does not let this node read it: check its name, or log in to the registry",
    ),
    (
        "no image found in (manifest list|image index)",
        "it is not made for this node's platform",
    ),
    (
        "manifest unknown|name unknown|not found|repository name not known",
        "the registry has no such image or tag",
    ),
    (
        "signature was required|rejected by policy",
        "the node's signature policy refuses it",
    ),
    (
        "digest (did not match|mismatch)|does not match|corrupt",
        "what the registry sent does not have the digest it should",
    ),
)
_NO_ARCHIVE = re.compile(
    "unexpected EOF|invalid tar header|file does not exist|not a tar|manifest.json|index.json"
    "|no such file or directory|cannot unmarshal|invalid character|Could not (load|open)",
    re.IGNORECASE,
)
_MESSAGE = re.compile(r'msg="((?:[^"\\]|\\.)*)"')
_CREDENTIALS = re.compile(r"://[^/@\s]+@")


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

    def run(self, arguments: Sequence[str], subject: str, timeout: float) -> bytes:
        """Run one command and return what it printed.

        Args:
            arguments: begins with the command, ``inspect`` or ``copy``.
            subject: the image or file, for the sentence of an error.
            timeout: seconds; then it and all it started is killed.

        Raises:
            Unsatisfiable, Unavailable, NoRoom, InvalidInput: see `ImageSource`.
        """
        # Its help does not show --registries-conf, and the environment sets no other file.
        registries = ("--registries-conf", self.registries_conf) if self.registries_conf else ()
        command = ["skopeo", "--policy", str(self.policy), *registries, *arguments]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise Unavailable(f"cannot run skopeo: {error}") from error
        with process:
            output, complaint = _communicate(process, subject, timeout)
        if process.returncode != 0:
            raise _failure(complaint.decode(errors="replace"), subject)
        return output

    def credentials(self) -> Sequence[str]:
        """Return the arguments that name the credentials, for commands that ask a registry."""
        return ("--authfile", str(self.authfile)) if self.authfile.is_file() else ()


def _communicate(
    process: "subprocess.Popen[bytes]", subject: str, timeout: float
) -> tuple[bytes, bytes]:
    try:
        return process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{subject} did not come within {timeout:.0f} s") from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def _failure(complaint: str, subject: str) -> FaasdError:
    """Return what skopeo's complaint means; its last message says most."""
    messages = _MESSAGE.findall(complaint)
    said = (messages[-1] if messages else complaint.strip()).replace('\\"', '"')
    said = _CREDENTIALS.sub("://", said)
    if _NO_SPACE.search(said):
        return NoRoom(f"the disk is full: cannot store {subject}")
    if subject.startswith("archive ") and _NO_ARCHIVE.search(said):
        return InvalidInput(f"{subject} is neither a docker save nor an OCI archive: {said}")
    for pattern, meaning in _REFUSED:
        if re.search(pattern, said, re.IGNORECASE):
            return Unsatisfiable(f"cannot use image {subject}: {meaning}", field="image")
    return Unavailable(f"cannot get {subject}: {said}")
