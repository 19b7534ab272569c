"""Caddy's files: ours, Debian's, somebody else's."""

import hashlib
from pathlib import Path

import pytest

from faasd.base.errors import Unavailable
from faasd.installer.choices import Choices
from faasd.installer.https import (
    Main,
    decide_main,
    remove_import,
    render_site,
    set_up_https,
    take_https_down,
)
from faasd.installer.paths import CADDY_CONFIG, CADDY_SITE, PRISTINE_DIR, Machine

PUBLIC = Choices(domain="faasd.example.com", email="you@example.com")
INTERNAL = Choices(domain="faasd.lan", tls="internal")
DEFAULT = ":80 {\n\tfile_server\n}\n"
THEIRS = "blog.example.com {\n\trespond hello\n}\n"
IMPORT = f"import {CADDY_SITE}"
UPSTREAM = "127.0.0.1:8080"
STATUS = f"""\
Package: caddy
Status: install ok installed
Architecture: all
Maintainer: nobody
Version: 2.6.2-5
Conffiles:
 {CADDY_CONFIG} {hashlib.md5(DEFAULT.encode(), usedforsecurity=False).hexdigest()}
Description: a web server

"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with Debian's Caddy, as its package brought it."""
    machine = Machine(root=tmp_path)
    texts = {
        "/usr/bin/caddy": "",
        CADDY_CONFIG: DEFAULT,
        "/var/lib/dpkg/status": STATUS,
        f"{PRISTINE_DIR}/other": "",
    }
    for path, text in texts.items():
        machine.at(path).parent.mkdir(parents=True, exist_ok=True)
        machine.at(path).write_text(text)
    return machine


def main_file(machine: Machine) -> str:
    return machine.at(CADDY_CONFIG).read_text()


def test_the_site_names_domain_address_and_router() -> None:
    site = render_site(PUBLIC, UPSTREAM)
    assert "faasd.example.com {\n\ttls you@example.com\n" in site
    assert "reverse_proxy 127.0.0.1:8080 {" in site
    assert "\ttls internal\n" in render_site(INTERNAL, UPSTREAM)


@pytest.mark.parametrize(
    ("found", "pristine", "is_default", "main"),
    [
        (None, None, False, Main.WRITE),
        (DEFAULT, None, True, Main.WRITE),
        ("ours", "ours", False, Main.WRITE),
        (THEIRS, None, False, Main.ADD_IMPORT),
        (THEIRS, "ours", False, Main.ADD_IMPORT),
        (f"{THEIRS}  {IMPORT}\n", "ours", False, Main.LEAVE),
        (f"# {IMPORT}\n", None, False, Main.ADD_IMPORT),
    ],
)
def test_only_what_nobody_wrote_is_replaced(
    found: str | None, pristine: str | None, main: Main, *, is_default: bool
) -> None:
    assert decide_main(found, pristine, is_default=is_default) is main


def test_without_caddy_https_is_refused_before_anything_is_written(machine: Machine) -> None:
    machine.at("/usr/bin/caddy").unlink()
    with pytest.raises(Unavailable, match="sudo apt install caddy"):
        set_up_https(machine, PUBLIC, UPSTREAM)
    assert main_file(machine) == DEFAULT
    assert not machine.at(CADDY_SITE).exists()


def test_debians_own_file_is_replaced_and_comes_back(machine: Machine) -> None:
    # Caddy itself finds no /etc/caddy/faasd.caddy here: what it says of it is another test's.
    with pytest.raises(Unavailable, match=r"faasd\.caddy"):
        set_up_https(machine, INTERNAL, UPSTREAM)
    assert IMPORT in main_file(machine)
    assert take_https_down(machine) == "taken down"
    assert main_file(machine) == DEFAULT
    assert not machine.at(CADDY_SITE).exists()
    assert take_https_down(machine) == "none"


def test_where_there_was_no_main_file_none_is_left(machine: Machine) -> None:
    machine.at(CADDY_CONFIG).unlink()
    with pytest.raises(Unavailable):
        set_up_https(machine, INTERNAL, UPSTREAM)
    take_https_down(machine)
    assert not machine.at(CADDY_CONFIG).exists()


def test_a_main_file_edited_after_it_was_written_loses_our_line_only(machine: Machine) -> None:
    with pytest.raises(Unavailable):
        set_up_https(machine, INTERNAL, UPSTREAM)
    machine.at(CADDY_CONFIG).write_text(f"{THEIRS}{IMPORT}\n")
    take_https_down(machine)
    assert main_file(machine) == THEIRS


def test_a_file_of_somebody_else_that_caddy_refuses_with_ours_is_given_back(
    machine: Machine,
) -> None:
    machine.at(CADDY_CONFIG).write_text(THEIRS)
    with pytest.raises(Unavailable, match="caddy adapt"):
        set_up_https(machine, INTERNAL, UPSTREAM)
    assert main_file(machine) == THEIRS


def test_where_caddy_came_by_no_package_its_file_is_somebodys(machine: Machine) -> None:
    machine.at("/var/lib/dpkg/status").write_text("")
    with pytest.raises(Unavailable, match="caddy adapt"):
        set_up_https(machine, INTERNAL, UPSTREAM)
    assert main_file(machine) == DEFAULT


def test_our_line_is_taken_out_of_a_file_of_somebody_else() -> None:
    added = "\n# Added by `faasd install --domain`; `faasd install --no-domain` takes it away.\n"
    assert remove_import(f"{THEIRS}{added}{IMPORT}\n") == THEIRS
    assert remove_import(f"{THEIRS}\t{IMPORT}\nmore.example.com {{\n}}\n").startswith(THEIRS)


def test_a_site_that_was_edited_is_kept_and_saved_when_it_is_taken_down(machine: Machine) -> None:
    machine.at(CADDY_SITE).write_text("mine")
    with pytest.raises(Unavailable):
        set_up_https(machine, INTERNAL, UPSTREAM)
    assert machine.at(CADDY_SITE).read_text() == "mine"
    assert f"{CADDY_SITE}.yours" in take_https_down(machine)
    assert machine.at(f"{CADDY_SITE}.yours").read_text() == "mine"
