"""Image references as people write them: ``nginx``, ``ghcr.io/openfaas/figlet:1``, ``…@sha256:…``.

Grammar: the reference grammar of the CNCF distribution project, with Docker Hub's defaults.
"""

import re
from dataclasses import dataclass, replace

from faasd.base.errors import InvalidInput

DEFAULT_REGISTRY = "docker.io"
LOCAL = "localhost"
"""The registry that there is not: its images come from files. A real one there has a port."""

DEFAULT_TAG = "latest"
MAX_REPOSITORY = 255
MAX_TAG = 128

_REGISTRY = re.compile(
    r"(?:[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)"
    r"(?:\.[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)*(?::[0-9]{1,5})?"
)
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[a-zA-Z0-9_][-a-zA-Z0-9_.]*")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageReference:
    """A reference with every default filled in.

    Attributes:
        registry: ``docker.io``, ``localhost:5000``.
        repository: ``library/nginx``.
        tag: empty where only a digest was given.
        digest: ``sha256:…``, or empty; where there is one, it alone decides.
    """

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """The full reference, by digest where there is one: ``docker.io/library/nginx:latest``."""
        end = f"@{self.digest}" if self.digest else f":{self.tag}"
        return f"{self.registry}/{self.repository}{end}"

    def with_digest(self, digest: str) -> "ImageReference":
        """Return the same image, pinned."""
        return replace(self, digest=digest)


def parse_reference(text: str, *, field: str = "image") -> ImageReference:
    """Read a reference.

    Raises:
        InvalidInput: it is malformed; the sentence names `field` and says what is wrong.
    """
    rest, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        raise _refused(text, field, "after '@' must come sha256: and 64 digits of 0-9a-f")
    registry, repository = _split_registry(rest)
    repository, colon, tag = repository.partition(":")
    if colon and not (len(tag) <= MAX_TAG and _TAG.fullmatch(tag)):
        raise _refused(text, field, f"the tag must be 1 to {MAX_TAG} of A-Z a-z 0-9 _ . -")
    if not _REGISTRY.fullmatch(registry):
        raise _refused(text, field, f"{registry[:80]!r} is no registry host")
    _check_repository(text, repository, field)
    if registry == DEFAULT_REGISTRY and "/" not in repository:
        repository = f"library/{repository}"
    tag = tag or ("" if digest else DEFAULT_TAG)
    return ImageReference(registry=registry, repository=repository, tag=tag, digest=digest)


def _split_registry(rest: str) -> tuple[str, str]:
    """Docker's rule: a first part with a dot, a colon or capitals, or ``localhost``, is a host."""
    first, slash, remainder = rest.partition("/")
    is_host = bool(re.search(r"[.:A-Z]", first)) or first == "localhost"
    if not slash or not is_host:
        return DEFAULT_REGISTRY, rest
    if first == "index.docker.io":
        return DEFAULT_REGISTRY, remainder
    return first, remainder


def _check_repository(text: str, repository: str, field: str) -> None:
    if not repository:
        raise _refused(text, field, "the name is missing")
    if len(repository) > MAX_REPOSITORY:
        raise _refused(text, field, f"the name is longer than {MAX_REPOSITORY} characters")
    if repository != repository.lower():
        raise _refused(text, field, "the name must be in lower case")
    if not _REPOSITORY.fullmatch(repository):
        raise _refused(text, field, "the name must be of a-z 0-9, separated by . _ - or /")


def _refused(text: str, field: str, why: str) -> InvalidInput:
    return InvalidInput(f"{field} {text[:120]!r} is no image reference: {why}", field=field)
