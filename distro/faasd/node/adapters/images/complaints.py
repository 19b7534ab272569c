"""What skopeo's complaints mean."""

import re

from faasd.base.errors import FaasdError, InvalidInput, NoRoom, Unavailable, Unsatisfiable

_NO_SPACE = re.compile("no space left on device|disk quota exceeded", re.IGNORECASE)
_REFUSED = (
    (
        "invalid username/password",
        "the registry does not take this user and password",
    ),
    (
        "unauthorized|denied|forbidden|authentication required|invalid username",
        (
            "the registry does not let this node read it: "
            "check its name, or log in to the registry (faasd registry login)"
        ),
    ),
    (
        "x509:|certificate",
        (
            "the registry's certificate is not trusted: put its CA's into "
            "/etc/containers/certs.d/HOST:PORT/ca.crt (docs/registries.md)"
        ),
    ),
    (
        "server gave HTTP response to HTTPS client",
        (
            "the registry speaks plain HTTP: allow that with insecure = true in "
            "/etc/containers/registries.conf.d (docs/registries.md)"
        ),
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
_UNREACHED = (
    ("no such host|server misbehaving|Temporary failure in name", "there is no such host"),
    ("connection refused", "nothing listens there"),
    ("network is unreachable|no route to host", "there is no way to it from here"),
    ("i/o timeout|deadline exceeded", "it does not answer in time"),
)
_NO_ARCHIVE = re.compile(
    "unexpected EOF|invalid tar header|file does not exist|not a tar|manifest.json|index.json"
    "|no such file or directory|cannot unmarshal|invalid character|Could not (load|open)",
    re.IGNORECASE,
)
_MESSAGE = re.compile(r'msg="((?:[^"\\]|\\.)*)"')
_CREDENTIALS = re.compile(r"://[^/@\s]+@")


def read_complaint(complaint: str, subject: str) -> FaasdError:
    """Return what a complaint means; its last message says most.

    Args:
        complaint: what skopeo printed to standard error.
        subject: ``archive PATH``, ``registry SERVER``, or an image's name.
    """
    messages = _MESSAGE.findall(complaint)
    said = (messages[-1] if messages else complaint.strip()).replace('\\"', '"')
    said = _CREDENTIALS.sub("://", said)
    if _NO_SPACE.search(said):
        return NoRoom(f"the disk is full: cannot store {subject}")
    if subject.startswith("archive ") and _NO_ARCHIVE.search(said):
        return InvalidInput(f"{subject} is neither a docker save nor an OCI archive: {said}")
    for pattern, meaning in _UNREACHED:
        if re.search(pattern, said, re.IGNORECASE):
            asked = subject if subject.startswith("registry ") else f"registry of {subject}"
            return Unavailable(f"cannot reach the {asked}: {meaning}: {said}")
    for pattern, meaning in _REFUSED:
        if re.search(pattern, said, re.IGNORECASE):
            named = subject if subject.startswith("registry ") else f"image {subject}"
            return Unsatisfiable(f"cannot use {named}: {meaning}", field="image")
    return Unavailable(f"cannot get {subject}: {said}")
