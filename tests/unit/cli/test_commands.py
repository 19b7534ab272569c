"""The command as people run it: another process, its output, its status."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import FaasdError, InvalidInput
from faasd.base.version import VERSION
from faasd.cli.api import DEFAULT_PORT, provider_port, read_login
from faasd.cli.provider import gunicorn_command

TOP = Path(__file__).parents[3]
NOBODY = 65534


def _run(*arguments: str, code: str = "from faasd.cli import main; main()") -> tuple[int, str, str]:
    result = subprocess.run(
        ["/usr/bin/python3", "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{TOP}/distro:{TOP}"},
    )
    return result.returncode, result.stdout, result.stderr


def test_version_names_faasd_containerd_and_the_architecture() -> None:
    status, out, _ = _run("version")
    lines = out.splitlines()
    assert status == 0
    assert lines[0] == f"faasd {VERSION}"
    assert [line.split()[0] for line in lines[-2:]] == ["containerd", "arch"]


def test_what_stays_in_memory_for_good_loads_only_what_it_needs() -> None:
    code = (
        "import sys; import faasd.cli.keep; "
        "print({'grpc', 'click', 'yaml', 'hashlib', 'google', 'faasd.node'} & set(sys.modules))"
    )
    assert _run(code=code)[1].strip() == "set()"


def test_version_loads_neither_grpc_nor_flask() -> None:
    code = (
        "import sys; from faasd.cli.version import version; "
        "print({'grpc', 'flask', 'pyroute2', 'urllib3'} & set(sys.modules))"
    )
    assert _run(code=code)[1].strip() == "set()"


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    changelog = (TOP / "distro/debian/changelog").read_text().split()
    assert project["version"] == VERSION
    assert changelog[1] == f"({VERSION})"


@pytest.mark.parametrize(
    ("raised", "sentence"),
    [
        ("FaasdError('the disk is full')", "faasd: the disk is full"),
        ("PermissionError(13, 'no', '/etc/x')", "faasd: no permission for /etc/x: run it as root"),
        ("OSError(28, 'No space left', '/var/x')", "faasd: No space left (/var/x)"),
    ],
)
def test_an_error_is_one_sentence_on_standard_error(raised: str, sentence: str) -> None:
    code = (
        "import click, faasd.cli.version as module\n"
        "from faasd.base.errors import FaasdError\n"
        "@click.command()\n"
        f"def version(): raise {raised}\n"
        "module.version = version\n"
        "from faasd.cli import main\n"
        "main()"
    )
    assert _run("version", code=code) == (1, "", sentence + "\n")


@pytest.mark.parametrize("command", ["install", "uninstall", "start", "stop", "status"])
def test_what_needs_root_says_so(command: str) -> None:
    code = f"import os; os.setuid({NOBODY}); from faasd.cli import main; main()"
    assert _run(command, code=code) == (1, "", "faasd: this needs root: run it with sudo\n")


def test_help_lists_every_command_but_the_plumbing() -> None:
    _, out, _ = _run("--help")
    listed = {line.split()[0] for line in out.partition("Commands:")[2].splitlines() if line}
    assert listed == {
        "backup",
        "cloud",
        "cloud-config",
        "collect",
        "core-images",
        "image",
        "install",
        "logs",
        "provider",
        "queue",
        "registry",
        "restore",
        "service",
        "stack",
        "start",
        "status",
        "stop",
        "uninstall",
        "up",
        "url",
        "version",
    }


def test_an_unknown_command_is_a_usage_error() -> None:
    status, _, err = _run("fly")
    assert status == 2
    assert "No such command 'fly'" in err


def test_the_provider_listens_on_loopback_and_bridge_only() -> None:
    command = gunicorn_command("10.62.0.1", 8081)
    binds = [command[at + 1] for at, word in enumerate(command) if word == "--bind"]
    assert command[0] == sys.executable
    assert binds == ["127.0.0.1:8081", "10.62.0.1:8081"]


def test_the_port_is_8081_unless_it_is_set() -> None:
    assert provider_port("") == DEFAULT_PORT == 8081
    assert provider_port("9000") == 9000


@given(st.integers(1, 65535))
def test_every_port_is_taken_as_it_is(port: int) -> None:
    assert provider_port(str(port)) == port


@given(st.text(min_size=1).filter(lambda text: not (text.isascii() and text.isdigit())))
def test_what_is_no_number_is_an_error_that_names_the_setting(text: str) -> None:
    with pytest.raises(InvalidInput, match="faasd_provider_port"):
        provider_port(text)


@pytest.mark.parametrize("text", ["0", "65536", "99999999999999999999"])
def test_a_number_that_is_no_port_is_an_error(text: str) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 65535"):
        provider_port(text)


def test_without_an_install_the_missing_login_is_named(tmp_path: Path) -> None:
    with pytest.raises(FaasdError, match="run `faasd install` first"):
        read_login(tmp_path)
