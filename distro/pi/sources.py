"""Where packages come from: this machine's apt sources, or those of a file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import NotFound

RELEASE = "bookworm"
FIRMWARE = "non-free-firmware"
_SUITE = re.compile(rf"{RELEASE}(-updates|-security|/updates)?")
_FIELD = re.compile(r"^([A-Za-z-]+):[ \t]*(.*)$")

SHIPPED = """\
deb http://deb.debian.org/debian bookworm {components}
deb http://deb.debian.org/debian bookworm-updates {components}
deb http://deb.debian.org/debian-security bookworm-security {components}
"""
"""What the image itself has: Debian's own, whatever it was built from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One suite of one mirror; `key` is the file that signs it, or empty."""

    uri: str
    suite: str
    key: str = ""

    def line(self, components: Sequence[str]) -> str:
        """Write it as apt reads it."""
        signed = f"[signed-by={self.key}] " if self.key else ""
        return f"deb {signed}{self.uri} {self.suite} {' '.join(components)}"


def find_sources(files: Sequence[Path]) -> Sequence[Source]:
    """Return the suites of Debian 12 that apt's files name, in any of apt's two notations.

    Raises:
        NotFound: there are none.
    """
    found = [one for file in files if file.is_file() for one in parse_sources(file.read_text())]
    wanted = list(dict.fromkeys(one for one in found if _SUITE.fullmatch(one.suite)))
    if not wanted:
        raise NotFound(f"no source of Debian 12 in {', '.join(map(str, files)) or 'no file'}")
    return wanted


def system_files() -> Sequence[Path]:
    """Return the files that this machine's apt reads."""
    more = Path("/etc/apt/sources.list.d")
    files = [path for path in sorted(more.glob("*")) if path.suffix in (".list", ".sources")]
    return [Path("/etc/apt/sources.list"), *files]


def parse_sources(text: str) -> Sequence[Source]:
    """Read the sources of binary packages in a file's text."""
    if re.search(r"^Types:", text, re.MULTILINE):
        return [one for part in re.split(r"\n\s*\n", text) for one in _stanza(part)]
    return [one for line in text.splitlines() for one in _line(line)]


def components(*, firmware: bool) -> Sequence[str]:
    """Return the components of Debian that an image is made of."""
    return ("main", FIRMWARE) if firmware else ("main",)


def _stanza(text: str) -> Iterator[Source]:
    fields = {
        found[1].lower(): found[2] for line in text.splitlines() if (found := _FIELD.match(line))
    }
    if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes") == "no":
        return
    for uri in fields.get("uris", "").split():
        for suite in fields.get("suites", "").split():
            yield Source(uri=uri, suite=suite, key=fields.get("signed-by", ""))


def _line(line: str) -> Iterator[Source]:
    found = re.match(r"^\s*deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s+\S", line)
    if found:
        options = dict(one.partition("=")[::2] for one in (found[1] or "").split())
        yield Source(uri=found[2], suite=found[3], key=options.get("signed-by", ""))
