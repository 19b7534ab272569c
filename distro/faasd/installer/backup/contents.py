"""What a backup holds: its list of contents, read strictly, and where each thing belongs."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from faasd.base.errors import InvalidInput
from faasd.base.names import check_dns_label, check_secret_name
from faasd.installer.backup.fields import Fields, read_list
from faasd.installer.paths import (
    COMPOSE_FILE,
    ENVIRONMENT_FILE,
    PROMETHEUS_CONFIG,
    PROVIDER_DIR,
    SECRETS_DIR,
)

FORMAT = "faasd-backup"
VERSION = 1
"""Of the format. What a newer one means is not known here, so it is refused."""

LIST = "manifest.json"
DATABASE = "functions.db"
DATABASE_FILE = f"{PROVIDER_DIR}/functions.db"
FUNCTION_SECRETS = f"{PROVIDER_DIR}/secrets"
SETTINGS_DIR = "/etc/faasd"
PROVIDER_SETTINGS = "/etc/default/faasd-provider"

ENVIRONMENT = "core/environment"
"""Values for the compose file, as people wrote them."""

PLACES: Mapping[str, str] = {
    "login/basic-auth-user": f"{SECRETS_DIR}/basic-auth-user",
    "login/basic-auth-password": f"{SECRETS_DIR}/basic-auth-password",
    "registries/config.json": "/var/lib/faasd/.docker/config.json",
    "core/docker-compose.yaml": COMPOSE_FILE,
    "core/prometheus.yml": PROMETHEUS_CONFIG,
    ENVIRONMENT: ENVIRONMENT_FILE,
    "etc/default/faasd-provider": PROVIDER_SETTINGS,
}
"""Where single files belong. Secrets, settings and blobs have rules of their own."""

NEEDED = (DATABASE, "login/basic-auth-user", "login/basic-auth-password")
CONFIGS = ("core/docker-compose.yaml", "core/prometheus.yml")
"""Put in place only where they had been edited: others are the new machine's own."""

MOST_FILES = 100_000
MOST_SIZE = 8 * 2**30 - 1
"""Of one file: what a tar header's field for it can say."""

_SETTING = re.compile(r"etc/faasd(/[A-Za-z0-9][-A-Za-z0-9._@]{0,60}){1,4}")
_BLOB = re.compile(r"blobs/sha256/([0-9a-f]{64})")
_HEX = re.compile(r"[0-9a-f]{64}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_SECRET_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file: its name in the backup, its bytes, and its permissions."""

    name: str
    size: int
    sha256: str
    mode: int = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedImage:
    """An image whose blobs are in the backup.

    Attributes:
        digest: of its manifest, ``sha256:…``.
        source_digest: see `faasd.node.domain.image.Image`.
    """

    namespace: str
    name: str
    digest: str
    source_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The list of contents.

    Attributes:
        made: when, ISO 8601.
        by: the version of faasd that made it.
        architecture: of the machine, as Debian calls it; images are for it.
        namespaces: labels of each.
        edited: which of `CONFIGS` are not as shipped.
    """

    made: str
    by: str
    architecture: str
    namespaces: Mapping[str, Mapping[str, str]]
    files: Sequence[Entry]
    images: Sequence[SavedImage] = ()
    edited: Sequence[str] = ()
    format: str = FORMAT
    version: int = field(default=VERSION)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.files)


def render_contents(contents: Contents) -> bytes:
    """Write the list."""
    return json.dumps(asdict(contents), indent=1).encode()


def parse_contents(content: bytes) -> Contents:
    """Read the list of a backup.

    Raises:
        InvalidInput: it is none, of a newer version, or names what no backup may hold.
    """
    try:
        document = Fields(json.loads(content))
    except ValueError as error:
        raise InvalidInput(f"its list of contents is no JSON: {error}") from error
    _check_version(document)
    files = [_entry(Fields(one)) for one in read_list(document, "files", MOST_FILES)]
    names = [entry.name for entry in files]
    if len(set(names)) != len(names):
        raise InvalidInput("its list of contents names a file twice")
    if missing := [name for name in NEEDED if name not in names]:
        raise InvalidInput(f"it lacks {', '.join(missing)}")
    return Contents(
        made=document.text("made"),
        by=document.text("by"),
        architecture=document.text("architecture"),
        namespaces=_namespaces(document),
        files=files,
        images=[_image(Fields(one)) for one in read_list(document, "images", MOST_FILES)],
        edited=[one for one in read_list(document, "edited", len(CONFIGS)) if one in CONFIGS],
    )


def find_place(name: str) -> str | None:
    """Return the path that a file of a backup belongs to, or None where it has no one place.

    Raises:
        InvalidInput: no backup may hold a file of this name.
    """
    if name == DATABASE or _BLOB.fullmatch(name):
        return None
    if name in PLACES:
        return PLACES[name]
    if _SETTING.fullmatch(name):
        return f"/{name}"
    parts = name.split("/")
    if parts[0] == "secrets" and len(parts) == _SECRET_PARTS:
        namespace = check_dns_label(parts[1], field="namespace")
        return f"{FUNCTION_SECRETS}/{namespace}/{check_secret_name(parts[2])}"
    raise InvalidInput(f"it holds {name[:120]!r}, which is no part of a node")


def decide_mode(entry: Entry) -> int:
    """Return the permissions of a file that is restored: secrets are root's, whatever is said."""
    if entry.name.startswith("etc/") or entry.name == ENVIRONMENT:
        return (entry.mode | 0o600) & 0o755
    return 0o644 if entry.name.startswith("core/") else 0o600


def _check_version(document: Fields) -> None:
    if document.text("format") != FORMAT:
        raise InvalidInput("its list of contents is not that of a node's backup")
    if document.number("version", 2**31) > VERSION:
        raise InvalidInput(
            f"it was made by a newer version of faasd ({document.text('by')[:40]}): "
            "install that version first"
        )


def _entry(document: Fields) -> Entry:
    name, digest = document.text("name"), document.text("sha256")
    find_place(name)
    blob = _BLOB.fullmatch(name)
    if not _HEX.fullmatch(digest) or (blob and blob[1] != digest):
        raise InvalidInput(f"the checksum of {name} is malformed")
    mode = document.number("mode", 0o777)
    return Entry(name=name, size=document.number("size", MOST_SIZE), sha256=digest, mode=mode)


def _image(document: Fields) -> SavedImage:
    digest, source = document.text("digest"), document.text("source_digest")
    if not _DIGEST.fullmatch(digest):
        raise InvalidInput(f"the digest {digest[:80]!r} of an image is malformed")
    return SavedImage(
        namespace=check_dns_label(document.text("namespace"), field="namespace"),
        name=document.text("name"),
        digest=digest,
        source_digest=source,
    )


def _namespaces(document: Fields) -> Mapping[str, Mapping[str, str]]:
    found = document.mapping("namespaces")
    return {
        check_dns_label(name, field="namespace"): Fields(labels).texts()
        for name, labels in found.items()
    }
