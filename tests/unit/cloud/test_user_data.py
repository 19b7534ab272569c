"""The one user-data, as Python renders it."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import FaasdError, InvalidInput
from faasd.cli.main import faasd
from faasd.cloud.config import NodeConfig
from faasd.cloud.trees import find_trees, read_template
from faasd.cloud.user_data import LIMIT, render_user_data

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFake me@laptop"
CONFIG = NodeConfig(
    release_url="https://releases.example.com/faasd_0.1.0_all.deb", release_sha256="0f" * 32
)
FULL = replace(
    CONFIG,
    images_url="https://releases.example.com/images_amd64.tar",
    images_sha256="1e" * 32,
    ssh_public_keys=(KEY,),
    hostname="edge",
    domain="faasd.example.com",
    letsencrypt_email="admin@example.com",
    swap_size="512M",
    password="a-password-of-enough-letters",
    data_device="/dev/sdb /dev/xvdf",
)


def settings_of(text: str) -> str:
    return str(yaml.safe_load(text)["write_files"][0]["content"])


def script_of(text: str) -> str:
    return str(yaml.safe_load(text)["write_files"][1]["content"])


def check_schema(file: Path) -> None:
    done = subprocess.run(
        ["cloud-init", "schema", "--config-file", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Valid" in done.stdout


@pytest.mark.parametrize("config", [CONFIG, FULL], ids=["least", "most"])
def test_cloud_init_takes_what_is_rendered(config: NodeConfig, tmp_path: Path) -> None:
    file = tmp_path / "user-data"
    file.write_text(render_user_data(read_template(), config))
    check_schema(file)


def test_cloud_init_takes_the_file_that_is_pasted() -> None:
    check_schema(find_trees() / "cloud-init" / "cloud-config.txt")


def test_cloud_init_takes_it_with_every_example_filled_in(tmp_path: Path) -> None:
    text = (find_trees() / "cloud-init" / "cloud-config.txt").read_text()
    head, rest = text.split("write_files:", 1)
    lines = [line.removeprefix("#") if line[1:2] != " " else line for line in head.splitlines()[1:]]
    lines = [line.removeprefix("#") if line.startswith("#  ") else line for line in lines]
    file = tmp_path / "user-data"
    file.write_text("\n".join(["#cloud-config", *lines, f"write_files:{rest}"]))
    check_schema(file)
    data = yaml.safe_load(file.read_text())
    assert set(data) == {"ssh_authorized_keys", "hostname", "swap", "write_files", "runcmd"}


def test_the_file_that_is_pasted_comes_of_the_template() -> None:
    result = CliRunner().invoke(faasd, ["cloud-config", "blank"])
    assert result.output == (find_trees() / "cloud-init" / "cloud-config.txt").read_text()


def test_the_file_that_is_pasted_is_small_and_holds_nobodys_key_or_password() -> None:
    text = (find_trees() / "cloud-init" / "cloud-config.txt").read_text()
    data = yaml.safe_load(text)
    assert len(text.encode()) < LIMIT
    assert set(data) == {"write_files", "runcmd"}
    assert "password=''\n" in settings_of(text)


def test_settings_reach_the_first_boot() -> None:
    settings = settings_of(render_user_data(read_template(), FULL))
    for line in (
        f"release_url='{FULL.release_url}'",
        f"release_sha256='{FULL.release_sha256}'",
        f"images_url='{FULL.images_url}'",
        f"images_sha256='{FULL.images_sha256}'",
        "domain='faasd.example.com'",
        "email='admin@example.com'",
        "firewall='yes'",
        "password='a-password-of-enough-letters'",
        "data_device='/dev/sdb /dev/xvdf'",
    ):
        assert f"{line}\n" in settings


def test_the_login_is_readable_by_root_alone() -> None:
    (settings, script) = yaml.safe_load(render_user_data(read_template(), FULL))["write_files"]
    assert (settings["permissions"], script["permissions"]) == ("0600", "0755")


def test_only_what_is_wanted_is_named() -> None:
    assert set(yaml.safe_load(render_user_data(read_template(), CONFIG))) == {
        "write_files",
        "runcmd",
    }


def test_shellcheck_finds_nothing_in_the_first_boots_script(tmp_path: Path) -> None:
    file = tmp_path / "first-boot"
    file.write_text(script_of(render_user_data(read_template(), FULL)))
    done = subprocess.run(
        ["shellcheck", "-e", "SC1091", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_too_many_keys_for_a_cloud_are_refused() -> None:
    many = replace(CONFIG, ssh_public_keys=(f"ssh-rsa {'A' * 700} me@laptop",) * 12)
    with pytest.raises(FaasdError, match="clouds take 16384"):
        render_user_data(read_template(), many)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("release_url", ""),
        ("release_url", "./faasd.deb"),
        ("release_url", "https://example.com/it's.deb"),
        ("release_sha256", "00"),
        ("release_sha256", "0F" * 32),
        ("images_url", "images.tar"),
        ("images_sha256", "1e"),
        ("hostname", "a.b"),
        ("domain", "https://example.com"),
        ("domain", "example"),
        ("letsencrypt_email", "me"),
        ("swap_size", "1024"),
        ("password", "secret"),
        ("password", "0123456789abcdef'"),
        ("data_device", "/etc/passwd"),
        ("data_device", "/dev/sdb;reboot"),
    ],
)
def test_a_malformed_setting_is_refused_by_name(field: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{field} must be") as caught:
        render_user_data(read_template(), replace(FULL, **{field: value}))  # type: ignore[arg-type]
    assert caught.value.field == field


def test_a_refused_password_is_not_shown() -> None:
    with pytest.raises(InvalidInput) as caught:
        render_user_data(read_template(), replace(FULL, password="my'secret"))
    assert "secret" not in str(caught.value)


def test_a_private_key_is_refused() -> None:
    bad = replace(CONFIG, ssh_public_keys=("-----BEGIN OPENSSH PRIVATE KEY-----",))
    with pytest.raises(InvalidInput, match="SSH public key is one line"):
        render_user_data(read_template(), bad)


def test_a_domain_needs_an_email() -> None:
    with pytest.raises(InvalidInput, match="letsencrypt_email is needed"):
        render_user_data(read_template(), replace(CONFIG, domain="faasd.example.com"))


def test_images_need_a_checksum() -> None:
    bad = replace(CONFIG, images_url="https://releases.example.com/images.tar")
    with pytest.raises(InvalidInput, match="images_sha256 is needed with images_url"):
        render_user_data(read_template(), bad)


@given(st.text(max_size=80))
def test_no_setting_leaves_its_quotes(value: str) -> None:
    """Whatever passes the checks is one line of the settings, and nothing else."""
    fields = ("release_url", "images_url", "password", "data_device", "domain", "letsencrypt_email")
    for field in fields:
        try:
            text = render_user_data(read_template(), replace(FULL, **{field: value}))  # type: ignore[arg-type]
        except InvalidInput:
            continue
        lines = [line for line in settings_of(text).splitlines() if not line.startswith("#")]
        assert len(lines) == 9
        assert all(line.count("'") == 2 and line.endswith("'") for line in lines)


def test_render_prints_what_the_options_say(tmp_path: Path) -> None:
    key = tmp_path / "key.pub"
    key.write_text(f"{KEY}\n")
    words = ["--release-url", CONFIG.release_url, "--sha256", CONFIG.release_sha256]
    words += ["--images-url", FULL.images_url, "--images-sha256", FULL.images_sha256]
    result = CliRunner().invoke(
        faasd, ["cloud-config", "render", *words, "--ssh-key", str(key), "--no-firewall"]
    )
    assert result.exit_code == 0, result.output
    assert yaml.safe_load(result.output)["ssh_authorized_keys"] == [KEY]
    assert "firewall='no'\n" in settings_of(result.output)
    assert f"images_sha256='{FULL.images_sha256}'\n" in settings_of(result.output)
