"""Settings are read once, and a wrong one is told by its name."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import InvalidInput
from provider_app.config import ProviderConfig, PullPolicy, read_config

DOCUMENT = Path(__file__).parents[3] / "docs" / "settings.md"
SOURCE = Path(__file__).parents[3] / "provider_app" / "config.py"


def test_an_empty_environment_gives_what_openfaas_expects() -> None:
    config = read_config({})

    assert config == ProviderConfig()
    assert config.basic_auth
    assert config.port == 8081
    assert config.login_directory == "/var/lib/faasd/secrets"


def test_every_setting_is_taken_from_the_environment() -> None:
    config = read_config(
        {
            "basic_auth": "false",
            "secret_mount_path": "/srv/login",
            "service_timeout": "5m5s",
            "faasd_provider_port": "9000",
            "faasd_pull_policy": "IfNotPresent",
            "faasd_containerd_socket": "/run/other.sock",
        }
    )

    assert not config.basic_auth
    assert config.login_directory == "/srv/login"
    assert config.service_timeout == 305
    assert config.port == 9000
    assert config.pull_policy is PullPolicy.IF_NOT_PRESENT
    assert config.node.containerd_socket == "/run/other.sock"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("basic_auth", "perhaps"),
        ("service_timeout", "soon"),
        ("read_timeout", "-1s"),
        ("write_timeout", "0"),
        ("faasd_ready_timeout", "5 s"),
        ("faasd_provider_port", "0"),
        ("faasd_provider_port", "65536"),
        ("faasd_provider_port", "eighty"),
        ("faasd_pull_policy", "Never"),
        ("faasd_threads", "-3"),
        ("faasd_threads", "4"),
        ("faasd_shim_group_size", "1.5"),
    ],
)
def test_a_wrong_setting_is_told_by_name_and_value(name: str, text: str) -> None:
    with pytest.raises(InvalidInput) as error:
        read_config({name: text})

    assert error.value.field == name
    assert text in str(error.value)


@given(st.text(max_size=20).filter(lambda text: "\0" not in text))
def test_any_port_is_one_or_a_refusal(text: str) -> None:
    try:
        config = read_config({"faasd_provider_port": text})
    except InvalidInput:
        return
    assert 1 <= config.port <= 65535


def test_an_empty_setting_counts_as_not_set() -> None:
    assert read_config({"service_timeout": "", "faasd_database": "  "}) == ProviderConfig()


def test_every_setting_is_documented() -> None:
    names = set(re.findall(r'get\.\w+\("(\w+)"', SOURCE.read_text()))

    assert len(names) > 15
    assert not {name for name in names if f"`{name}`" not in DOCUMENT.read_text()}
