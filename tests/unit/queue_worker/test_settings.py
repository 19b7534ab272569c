"""The worker's settings."""

import pytest

from faasd.base.errors import InvalidInput
from faasd.queue_worker.settings import WorkerSettings, read_settings


def test_an_empty_environment_gives_a_worker_that_works() -> None:
    assert read_settings({}) == WorkerSettings()


def test_settings_are_read() -> None:
    settings = read_settings(
        {
            "gateway_url": "http://gateway:8080/",
            "max_inflight": "4",
            "ack_wait": "30s",
            "max_tries": "2",
            "retry_most_wait": "5m",
            "callback_memory": "64Ki",
            "queue_max_bytes": "1Gi",
        }
    )
    assert settings.gateway_url == "http://gateway:8080"
    assert (settings.max_inflight, settings.ack_wait, settings.retry.tries) == (4, 30, 2)
    assert (settings.retry.most_wait, settings.callback.memory) == (300, 65536)
    assert settings.limits.queue_bytes == 1 << 30


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nats_url", "nats"),
        ("nats_url", "http://nats:4222"),
        ("gateway_url", "https://gateway"),
        ("gateway_url", "http:///"),
        ("max_inflight", "0"),
        ("max_inflight", "many"),
        ("max_inflight", "\u0661"),
        ("ack_wait", "0.1s"),
        ("ack_wait", "-1s"),
        ("port", "65536"),
        ("max_tries", "0"),
        ("callback_timeout", "0"),
        ("callback_memory", "lots"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        read_settings({name: value})
