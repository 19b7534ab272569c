import io
import json
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from faasd.base.errors import FaasdError, InvalidInput
from faasd.cli.registry import ask_password, read_password
from faasd.node.adapters.images.logins import Login, RegistryLogins, check_server
from faasd.node.domain.settings import NodeSettings


def logins(directory: Path, text: str) -> RegistryLogins:
    file = directory / ".docker/config.json"
    file.parent.mkdir()
    file.write_text(text)
    return RegistryLogins(NodeSettings(state_dir=str(directory)))


@pytest.mark.parametrize("server", ["ghcr.io", "127.0.0.1:5000", "localhost", "quay.io/team"])
def test_a_registry_is_named_as_images_name_it(server: str) -> None:
    check_server(server)


@pytest.mark.parametrize("server", ["", "https://ghcr.io", "-x", "a b", "host:port", "a\nb"])
def test_what_is_no_registry_is_told(server: str) -> None:
    with pytest.raises(InvalidInput, match="no registry"):
        check_server(server)


def test_without_a_file_there_is_no_login(tmp_path: Path) -> None:
    assert RegistryLogins(NodeSettings(state_dir=str(tmp_path))).list() == ()


def test_logins_are_listed_without_their_passwords(tmp_path: Path) -> None:
    auth = b64encode(b"me:top:secret").decode()
    document = {
        "auths": {"ghcr.io": {"auth": auth}, "bad.example": {"auth": "\N{SNOWMAN}"}},
        "credHelpers": {"aws.example": "ecr-login"},
    }

    found = logins(tmp_path, json.dumps(document)).list()

    assert found == [
        Login(server="aws.example", user=""),
        Login(server="bad.example", user=""),
        Login(server="ghcr.io", user="me"),
    ]
    assert "secret" not in repr(found)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FaasdError, match=r"config\.json is no JSON"):
        logins(tmp_path, "{no").list()


@pytest.mark.parametrize("text", ["[]", "null", '{"auths": 1}', '{"auths": {}}'])
def test_a_file_without_logins_has_none(tmp_path: Path, text: str) -> None:
    assert logins(tmp_path, text).list() == []


def test_a_password_from_standard_input_loses_the_line_s_end_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(" top secret \n"))

    assert read_password() == " top secret "


def test_an_empty_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))

    with pytest.raises(InvalidInput, match="empty"):
        read_password()


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("secret\n"))

    with pytest.raises(InvalidInput, match="--password-stdin"):
        ask_password()
