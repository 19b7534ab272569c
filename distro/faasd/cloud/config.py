"""What a node's first boot is told: values, checked as Terraform's variables are."""

import re
from dataclasses import dataclass

from faasd.base.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeConfig:
    """The settings of `cloud-init/cloud-config.tftpl`, and of Terraform's module `node-config`.

    Attributes:
        release_url: where `faasd_VERSION_all.deb` is.
        release_sha256: of that file, in hexadecimal.
        images_url: where the core images are that `faasd core-images export` wrote; empty: the
            server builds them. `images_sha256` is needed with it.
        ssh_public_keys: whole lines, as in `id_ed25519.pub`.
        hostname: empty: as the cloud gives it.
        domain: for HTTPS; empty: plain HTTP on port 8080. `letsencrypt_email` is needed with it.
        swap_size: like ``512M``; empty: none.
        firewall: whether the server raises one of its own.
        password: the gateway's; empty: the node makes one.
        data_device: paths of a disk for state, with spaces between; empty: none.
    """

    release_url: str
    release_sha256: str
    images_url: str = ""
    images_sha256: str = ""
    ssh_public_keys: tuple[str, ...] = ()
    hostname: str = ""
    domain: str = ""
    letsencrypt_email: str = ""
    swap_size: str = ""
    firewall: bool = True
    password: str = ""
    data_device: str = ""


_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_KEY_TYPES = (
    r"ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)"
    r"|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com"
)
_SSH_KEY = re.compile(rf"({_KEY_TYPES}) [A-Za-z0-9+/]+=* ?[^\r\n]*")
_RULES = (
    ("release_url", r"https?://[^\s'\"]+", "the http(s) URL of a .deb, without spaces or quotes"),
    ("release_sha256", r"[0-9a-f]{64}", "64 hexadecimal digits in lower case, as sha256sum prints"),
    ("images_url", r"(https?://[^\s'\"]+)?", "an http(s) URL, without spaces or quotes"),
    ("images_sha256", r"([0-9a-f]{64})?", "64 hexadecimal digits in lower case, or nothing"),
    ("hostname", rf"({_LABEL})?", "lower-case letters, digits and dashes, at most 63 of them"),
    ("domain", rf"(({_LABEL}\.)+[a-z]{{2,63}})?", "a domain name in lower case"),
    (
        "letsencrypt_email",
        r"([A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,63})?",
        "an e-mail address",
    ),
    ("swap_size", r"([1-9][0-9]{0,4}[MG])?", "a number with M or G, like 512M or 1G"),
    (
        "password",
        r"([A-Za-z0-9._~-]{16,63})?",
        "16 to 63 letters, digits, dots, dashes, underscores or tildes",
    ),
    (
        "data_device",
        r"(/dev/[A-Za-z0-9_./-]+( /dev/[A-Za-z0-9_./-]+)*)?",
        "paths below /dev, separated by single spaces",
    ),
)


def check_config(config: NodeConfig) -> None:
    """Check all settings: what passes can be put between single quotes.

    Raises:
        InvalidInput: one is malformed, or the domain has no e-mail.
    """
    for name, pattern, meaning in _RULES:
        value: str = getattr(config, name)
        if not re.fullmatch(pattern, value):
            shown = "the given one" if name == "password" else repr(value)
            raise InvalidInput(f"{name} must be {meaning}, not {shown}", field=name)
    for key in config.ssh_public_keys:
        if not _SSH_KEY.fullmatch(key):
            raise InvalidInput(
                f"an SSH public key is one line like 'ssh-ed25519 AAAA... you@laptop', not {key!r}",
                field="ssh_public_keys",
            )
    if config.images_url and not config.images_sha256:
        raise InvalidInput("images_sha256 is needed with images_url", field="images_sha256")
    if config.domain and not config.letsencrypt_email:
        raise InvalidInput(
            f"letsencrypt_email is needed with the domain {config.domain}",
            field="letsencrypt_email",
        )
