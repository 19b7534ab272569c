"""What the gateway's part in the queue takes, without a queue."""

import asyncio

import pytest

from faasd.base.errors import InvalidInput, Overloaded, Unavailable
from faasd.gateway.async_function import checked_callback
from faasd.gateway.publisher import Publisher, PublisherSettings, read_publisher_settings
from faasd.queue.call import AsyncCall

CALL = AsyncCall(call_id="1", function="echo", namespace="dev", called="echo.dev")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://a",
        "https://user:word@a.b:8443/x?y=%20#z",
        "http://10.62.0.1:8080/function/next",
        "http://[::1]:80/",
    ],
)
def test_a_url_that_can_be_posted_to_is_taken(url: str) -> None:
    assert checked_callback(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "a.b",
        "/path",
        "//a.b/",
        "http:",
        "http://",
        "http://:80/",
        "http://a:99999/",
        "http://a:x/",
        "http://a:0/",
        "http://[::1/",
        "ftp://a/",
        "file:///etc/passwd",
        "javascript:x",
        "http://a/ b",
        "http://a/\tb",
        "http://ä/",
        "http://a/" + "x" * 2048,
    ],
)
def test_any_other_callback_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="X-Callback-Url"):
        checked_callback(url)


def test_settings_are_read_and_the_largest_body_always_finds_room() -> None:
    settings = read_publisher_settings(
        {"nats_url": "nats://n:1/", "async_max_body": "8Mi", "async_outstanding_bytes": "1Mi"}
    )
    assert settings.nats_url == "nats://n:1"
    assert settings.body_bytes == settings.outstanding_bytes == 8 << 20


@pytest.mark.parametrize(
    ("name", "value"),
    [("async_max_body", "0"), ("async_max_outstanding", "0"), ("async_patience", "0s")],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        read_publisher_settings({name: value})


@pytest.mark.parametrize(
    "settings",
    [
        PublisherSettings(outstanding=2),
        PublisherSettings(outstanding_bytes=250),
    ],
)
def test_calls_on_their_way_are_bounded_in_number_and_in_bytes(settings: PublisherSettings) -> None:
    async def fill() -> None:
        publisher = Publisher(settings)
        async with publisher.room(100):
            async with publisher.room(100):
                with pytest.raises(Overloaded):
                    await publisher.room(100).__aenter__()
            async with publisher.room(150):
                pass

    asyncio.run(fill())


def test_without_nats_a_call_is_refused_within_the_patience() -> None:
    async def publish() -> None:
        settings = PublisherSettings(nats_url="nats://127.0.0.1:9", patience=0.2)
        publisher = Publisher(settings)
        await publisher.start()
        try:
            with pytest.raises(Unavailable, match="NATS"):
                await publisher.publish(CALL)
            assert not publisher.is_connected
        finally:
            await publisher.close()

    asyncio.run(publish())
