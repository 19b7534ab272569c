"""The gateway's settings."""

import pytest

from faasd.base.errors import InvalidInput
from faasd.gateway.settings import GatewaySettings, read_settings


def test_nothing_need_be_set() -> None:
    assert read_settings({"provider_url": " ", "basic_auth": ""}) == GatewaySettings()


def test_settings_are_read() -> None:
    found = read_settings(
        {
            "provider_url": "http://127.0.0.1:1/",
            "bind_host": "127.0.0.1",
            "control_port": "2",
            "basic_auth": "false",
            "provider_timeout": "1m5s",
            "activation_timeout": "90",
            "login_guesses": "3",
            "state_dir": "/x",
        }
    )
    assert (found.provider_url, found.control_port) == ("http://127.0.0.1:1", 2)
    assert (found.basic_auth, found.provider_timeout, found.guesses) == (False, 65, 3)
    assert (found.activation_timeout, str(found.state_dir)) == (90, "/x")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("provider_url", "faasd-provider:8081"),
        ("provider_url", "https://x:1"),
        ("provider_url", "http://u:p@x:1"),
        ("provider_url", "http://x:1/path"),
        ("provider_url", "http://x:99999"),
        ("control_port", "0"),
        ("metrics_port", "65536"),
        ("activator_port", "eighty"),
        ("basic_auth", "perhaps"),
        ("provider_timeout", "0"),
        ("activation_timeout", "2d"),
        ("login_guesses", "-1"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=f"setting {name} is") as error:
        read_settings({name: value})
    assert error.value.field == name
