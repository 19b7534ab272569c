import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import InvalidInput
from faasd.http.basic_auth import Login, read_login

LOGIN = Login(user=b"admin", password=b"pass:word")


def basic(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


def test_the_login_is_admitted_whatever_the_schemes_case() -> None:
    assert LOGIN.admits(basic(b"admin:pass:word"))
    assert LOGIN.admits(basic(b"admin:pass:word").replace("Basic", "bASIC"))


@pytest.mark.parametrize(
    "header",
    [None, "", "Basic", "Basic ", "Basic ???", "Basic YQ", "Digest x", "Basic " + "A" * 9000],
)
def test_what_is_no_login_is_not_admitted(header: str | None) -> None:
    assert not LOGIN.admits(header)


@given(st.binary(max_size=40))
def test_no_other_login_is_admitted(text: bytes) -> None:
    assert LOGIN.admits(basic(text)) == (text == b"admin:pass:word")


@given(st.text(max_size=40))
def test_any_header_is_answered(header: str) -> None:
    assert not LOGIN.admits(header)


def test_a_login_shows_no_password() -> None:
    assert "pass" not in repr(LOGIN)


def test_the_login_is_read_without_the_newline_of_an_editor(tmp_path: Path) -> None:
    (tmp_path / "basic-auth-user").write_text("admin\n")
    (tmp_path / "basic-auth-password").write_text("pass:word\n")

    assert read_login(str(tmp_path)) == LOGIN


def test_a_missing_or_empty_file_is_told_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="basic-auth-user"):
        read_login(str(tmp_path))
    (tmp_path / "basic-auth-user").write_text("admin")
    (tmp_path / "basic-auth-password").write_text("\n")
    with pytest.raises(InvalidInput, match="basic-auth-password is empty"):
        read_login(str(tmp_path))
