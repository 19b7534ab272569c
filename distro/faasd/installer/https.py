"""HTTPS: Debian's Caddy in front of the router, with certificates that renew themselves."""

import hashlib
from enum import Enum
from pathlib import Path
from string import Template

from faasd.base.errors import FaasdError, Unavailable
from faasd.installer.assets import read_asset
from faasd.installer.choices import Authority, Choices
from faasd.installer.files import (
    is_edited,
    remove_tree,
    write_config,
    write_file,
)
from faasd.installer.paths import CADDY_CONFIG, CADDY_SITE, PRISTINE_DIR, Machine
from faasd.installer.programs import run_program
from faasd.installer.services.caddy import reload_caddy, remove_caddy, write_caddy_service

CADDY = "/usr/bin/caddy"
_BEFORE = f"{PRISTINE_DIR}/Caddyfile.before"
"""What Debian's package brought, while ours is in its place."""
_IMPORT = f"import {CADDY_SITE}"
_ADDED = f"""
# Added by `faasd install --domain`; `faasd install --no-domain` takes it away.
{_IMPORT}
"""


FILES = (
    CADDY_CONFIG,
    CADDY_SITE,
    _BEFORE,
    *(f"{PRISTINE_DIR}/{Path(path).name}" for path in (CADDY_CONFIG, CADDY_SITE)),
)
"""All that HTTPS changes on disk."""


class Main(Enum):
    """What to do with the main Caddyfile."""

    WRITE = "write ours"
    LEAVE = "leave it"
    ADD_IMPORT = "add one line"


def require_caddy(machine: Machine) -> None:
    """Refuse HTTPS where Caddy is not installed.

    Raises:
        Unavailable: it is not.
    """
    if not machine.at(CADDY).exists():
        raise Unavailable("HTTPS needs Caddy: sudo apt install caddy, then run this again")


def set_up_https(machine: Machine, choices: Choices, upstream: str) -> str:
    """Write Caddy's configuration for the domain, or take away what was written before.

    `upstream` is where the router listens, ``127.0.0.1:8080``.

    Raises:
        Unavailable: Caddy is not installed.
        FaasdError: Caddy refuses the configuration; a main file of somebody else is as it was.
    """
    if not choices.domain:
        return take_https_down(machine)
    require_caddy(machine)
    before = _read(machine, CADDY_CONFIG)
    site = write_config(machine, CADDY_SITE, render_site(choices, upstream))
    main = decide_main(before, _pristine(machine), is_default=_is_default(machine))
    said = _write_main(machine, main, before or "")
    try:
        run_program("caddy", "adapt", "--config", str(machine.at(CADDY_CONFIG)))
    except FaasdError:
        if main is Main.ADD_IMPORT:
            write_file(machine.at(CADDY_CONFIG), before or "", 0o644)
        raise
    write_caddy_service(machine)
    return f"{choices.domain}: {site}, {said}"


def take_https_down(machine: Machine) -> str:
    """Take our site away and give the main file back as it was; a Caddy that runs serves it not."""
    main = machine.at(CADDY_CONFIG)
    if not machine.at(CADDY_SITE).exists():
        return "none"
    _give_back(machine, main)
    said = "taken down"
    if is_edited(machine, CADDY_SITE):
        machine.at(CADDY_SITE).rename(machine.at(f"{CADDY_SITE}.yours"))
        said = f"taken down; your changes are kept in {CADDY_SITE}.yours"
    remove_tree(machine.at(CADDY_SITE))
    remove_caddy(machine)
    return said


def _give_back(machine: Machine, main: Path) -> None:
    """Make the main file what it was before ours was there; one that was edited loses our line."""
    before = machine.at(_BEFORE)
    if is_edited(machine, CADDY_CONFIG):
        write_file(main, remove_import(main.read_text()), 0o644)
    elif before.exists():
        write_file(main, before.read_text(), 0o644)
    else:
        remove_tree(main)
    remove_tree(before)


def raise_https(machine: Machine, choices: Choices) -> str:
    """Have Caddy serve what was written, once it is.

    Raises:
        TimedOut: it did not listen on port 443 in time.
    """
    if not choices.domain:
        return "none"
    require_caddy(machine)
    reload_caddy(machine)
    return f"https://{choices.domain}"


def render_site(choices: Choices, upstream: str) -> str:
    """Return the site of the domain, in Caddy's words."""
    tls = "internal" if choices.tls == Authority.INTERNAL.value else choices.email
    return Template(read_asset("caddy/faasd.caddy")).substitute(
        domain=choices.domain, tls=tls, upstream=upstream
    )


def decide_main(found: str | None, pristine: str | None, *, is_default: bool) -> Main:
    """Decide over the main file from what it holds and what we last wrote.

    Args:
        found: what it holds.
        pristine: what we last wrote there.
        is_default: whether it is as Debian's package brought it.
    """
    if found is None or is_default or found == pristine:
        return Main.WRITE
    has_import = any(line.strip() == _IMPORT for line in found.splitlines())
    return Main.LEAVE if has_import else Main.ADD_IMPORT


def remove_import(text: str) -> str:
    """Return a main file without the line that we added to it."""
    lines = text.replace(_ADDED, "").splitlines(keepends=True)
    return "".join(line for line in lines if line.strip() != _IMPORT)


def _write_main(machine: Machine, main: Main, before: str) -> str:
    if main is Main.LEAVE:
        return f"{CADDY_CONFIG} is yours and was kept"
    if main is Main.ADD_IMPORT:
        write_file(machine.at(CADDY_CONFIG), before + _ADDED, 0o644)
        return f"{CADDY_CONFIG} is yours and was kept, but for one line that imports ours"
    if before and before != _pristine(machine):
        write_file(machine.at(_BEFORE), before, 0o644)
        remove_tree(machine.at(CADDY_CONFIG))  # Or it would count as edited by somebody.
    return write_config(machine, CADDY_CONFIG, read_asset("caddy/Caddyfile"))


def _is_default(machine: Machine) -> bool:
    """Tell whether the main file is as the package brought it (dpkg keeps its MD5)."""
    text = _read(machine, CADDY_CONFIG)
    if text is None:
        return False
    try:
        known = run_program(
            "dpkg-query",
            f"--admindir={machine.at('/var/lib/dpkg')}",
            "--show",
            "--showformat=${Conffiles}",
            "caddy",
        )
    except Unavailable:
        return False  # Caddy came otherwise than by a package, and its file is somebody's.
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return f"{CADDY_CONFIG} {digest}" in known


def _pristine(machine: Machine) -> str | None:
    return _read(machine, f"{PRISTINE_DIR}/Caddyfile")


def _read(machine: Machine, path: str) -> str | None:
    try:
        return machine.at(path).read_text()
    except FileNotFoundError:
        return None
