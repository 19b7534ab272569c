"""What people chose for this machine: HTTPS, firewall. One file, `/etc/faasd/node.conf`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import Enum

from faasd.base.errors import InvalidInput
from faasd.base.settings import DAY, MAX_PORT, SettingsReader
from faasd.installer.files import write_file
from faasd.installer.paths import NODE_CONFIG, Machine

_DOMAIN_MOST = 253
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_MAILBOX = re.compile(r"[A-Za-z0-9._%+-]{1,64}")
_PRIVATE = ("local", "localhost", "internal", "lan", "home", "corp", "test", "invalid", "onion")
"""Top levels that no public authority certifies."""

_HEAD = "# What `faasd install` was told for this machine; it reads it again each time.\n"


class Authority(Enum):
    """Who signs the certificate."""

    PUBLIC = "acme"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What was chosen; as text, the way the file has it.

    Attributes:
        domain: the node's name in the world; empty for plain HTTP.
        email: where the authority of certificates writes to.
        tls: an `Authority`.
        firewall: ``yes`` or ``no``.
        open: ports beside the node's own that the firewall lets in, ``5432 51820/udp``.
        metadata: ``yes`` where functions may ask the cloud's metadata service.
    """

    domain: str = ""
    email: str = ""
    tls: str = Authority.PUBLIC.value
    firewall: str = "no"
    open: str = ""
    metadata: str = "no"

    @property
    def has_firewall(self) -> bool:
        """Tell whether the machine's own firewall is wanted."""
        return self.firewall == "yes"

    @property
    def opens_metadata(self) -> bool:
        """Tell whether functions may ask the cloud's metadata service."""
        return self.metadata == "yes"

    @property
    def ports(self) -> tuple[tuple[str, int], ...]:
        """Return protocol and number of each port to be opened."""
        return tuple(parse_port(word) for word in self.open.split())


NAMES = tuple(field.name for field in fields(Choices))


def read_choices(machine: Machine) -> Choices:
    """Return what is in the file; what is not is as by default.

    Raises:
        InvalidInput: a line is malformed; the sentence names file and setting.
    """
    try:
        text = machine.at(NODE_CONFIG).read_text()
    except FileNotFoundError:
        return Choices()
    return parse_choices(_parse_lines(text))


def write_choices(machine: Machine, choices: Choices) -> str:
    """Write the file, unless it says the same already."""
    if read_choices(machine) == choices:
        return f"{NODE_CONFIG} as it was" if machine.at(NODE_CONFIG).exists() else "none"
    lines = [f"{name}={value}\n" for name, value in asdict(choices).items()]
    write_file(machine.at(NODE_CONFIG), "".join((_HEAD, *lines)), 0o644)
    return f"{NODE_CONFIG} written"


def parse_choices(values: Mapping[str, str]) -> Choices:
    """Return checked choices of texts; an empty one counts as not set.

    Raises:
        InvalidInput: one is malformed, or one is missing that another needs.
    """
    read = _Checked(values)
    choices = Choices(
        domain=read.text("domain", parse_domain, "a host name like faasd.example.com"),
        email=read.text("email", parse_email, "an address like you@example.com"),
        tls=read.text("tls", lambda text: Authority(text).value, "acme or internal", "acme"),
        firewall=read.text("firewall", parse_answer, "yes or no", "no"),
        open=read.text("open", parse_ports, "ports like `5432 51820/udp`"),
        metadata=read.text("metadata", parse_answer, "yes or no", "no"),
    )
    check_together(choices)
    return choices


class _Checked:
    def __init__(self, values: Mapping[str, str]) -> None:
        self._reader = SettingsReader(values, longest=DAY)

    def text(self, name: str, parse: Callable[[str], str], wanted: str, default: str = "") -> str:
        return self._reader.read(name, default, parse, wanted)


def check_together(choices: Choices) -> None:
    """Refuse a domain that cannot be certified as it is.

    Raises:
        InvalidInput: what is missing or wrong.
    """
    if not choices.domain or choices.tls == Authority.INTERNAL.value:
        return
    top = choices.domain.rpartition(".")[2]
    if "." not in choices.domain or top in _PRIVATE:
        raise InvalidInput(
            f"no public authority gives a certificate for {choices.domain}: add --tls internal, "
            "or choose a name that the world's DNS knows",
            field="domain",
        )
    if not choices.email:
        raise InvalidInput(
            f"HTTPS for {choices.domain} needs --email too: the authority of certificates warns "
            "there",
            field="email",
        )


def parse_domain(text: str) -> str:
    """Return the host name in small letters; a ValueError where it is none."""
    name = text.lower().removesuffix(".")
    labels = name.split(".")
    if len(name) > _DOMAIN_MOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(text)
    if labels[-1].isdecimal():  # an address, or nothing that DNS would know
        raise ValueError(text)
    return name


def parse_email(text: str) -> str:
    """Return the address; a ValueError where it is none."""
    mailbox, at, host = text.partition("@")
    if not at or not _MAILBOX.fullmatch(mailbox) or "." not in host:
        raise ValueError(text)
    return f"{mailbox}@{parse_domain(host)}"


def parse_answer(text: str) -> str:
    """Return ``yes`` or ``no``; a KeyError for anything else."""
    return {"yes": "yes", "no": "no"}[text.lower()]


def parse_ports(text: str) -> str:
    """Return ports in one form, ``5432 51820/udp``; a ValueError where one is none."""
    words = text.replace(",", " ").split()
    ports = dict.fromkeys(parse_port(word) for word in words)
    return " ".join(str(port) if kind == "tcp" else f"{port}/{kind}" for kind, port in ports)


def parse_port(word: str) -> tuple[str, int]:
    """Return protocol and number of ``5432`` or ``51820/udp``; a ValueError where it is none."""
    number, _, kind = word.partition("/")
    if kind not in ("", "tcp", "udp") or not number.isascii() or not number.isdecimal():
        raise ValueError(word)
    if not 1 <= int(number) <= MAX_PORT:
        raise ValueError(word)
    return kind or "tcp", int(number)


def _parse_lines(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or name.strip() not in NAMES:
            raise InvalidInput(
                f"{NODE_CONFIG}: {line[:80]!r} is no setting: write NAME=value, with a name of "
                f"{', '.join(NAMES)}",
                field=name.strip(),
            )
        values[name.strip()] = value.strip()
    return values
