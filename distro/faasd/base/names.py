"""Names of functions, namespaces and secrets, and the containerd identifiers made from them."""

import hashlib
import re

from faasd.base.errors import InvalidInput

DEFAULT_FUNCTION_NAMESPACE = "openfaas-fn"
CORE_NAMESPACE = "openfaas"

MAX_LABEL = 63
MAX_CONTAINER_ID = 76
"""containerd refuses longer identifiers (identifiers.maxLength in containerd 1.6)."""

_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_SECRET = re.compile(r"[a-z0-9A-Z](?:[-._a-zA-Z0-9]*[a-zA-Z0-9])?")
_DIGEST_LENGTH = 8


def check_dns_label(value: str, *, field: str) -> str:
    """Return `value` if it is a DNS label (RFC 1123: 1 to 63 of a-z, 0-9, '-').

    Raises:
        InvalidInput: it is not; the sentence names `field` and shows the value.
    """
    if len(value) <= MAX_LABEL and _LABEL.fullmatch(value):
        return value
    raise InvalidInput(
        f"{field} {value[:80]!r} must be 1 to {MAX_LABEL} characters of a-z, 0-9 and '-', "
        "beginning and ending with a letter or digit",
        field=field,
    )


def check_secret_name(value: str, *, field: str = "name") -> str:
    """Return `value` if a secret may have this name: it becomes a file name, so no '/' or '..'.

    Raises:
        InvalidInput: it may not; the sentence names `field` and shows the value.
    """
    if len(value) <= MAX_LABEL and _SECRET.fullmatch(value) and ".." not in value:
        return value
    raise InvalidInput(
        f"{field} {value[:80]!r} must be 1 to {MAX_LABEL} characters of letters, digits, "
        "'-', '_' and '.', beginning and ending with a letter or digit, without '..'",
        field=field,
    )


def container_id(name: str, generation: int, replica: int) -> str:
    """Return the containerd identifier of one replica: ``name.generation.replica``.

    containerd allows no two separators in a row, a DNS label does (``xn--p1ai``), and the whole
    may have 76 characters: names that do not fit are shortened and told apart by a digest.
    """
    plain = f"{name}.{generation}.{replica}"
    if "--" not in name and len(plain) <= MAX_CONTAINER_ID:
        return plain
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST_LENGTH]
    tail = f"-{digest}.{generation}.{replica}"
    stem = re.sub("-+", "-", name)[: MAX_CONTAINER_ID - len(tail)].rstrip("-")
    return stem + tail
