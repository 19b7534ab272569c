"""A function's lines over the API: those that are there, and those to come."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from provider_app.config import STREAMS
from tests.unit.provider.running import NAMESPACE, RunningProvider, eventually

PATH = "/system/logs"


def lines_of(provider: RunningProvider, query: str = "name=echo") -> list[dict[str, str]]:
    answer = provider.client.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def texts_of(provider: RunningProvider, query: str = "name=echo") -> list[str]:
    return [line["text"] for line in lines_of(provider, query)]


@pytest.fixture
def printing(provider: RunningProvider) -> RunningProvider:
    """A provider with a function that printed five lines from two replicas."""
    provider.deploy_ready()
    for number in range(5):
        provider.world.print(NAMESPACE, "echo", f"echo.1.{number % 2}", str(number))
    return provider


def test_a_line_has_the_fields_that_clients_print(printing: RunningProvider) -> None:
    first = lines_of(printing)[0]

    assert {key: first[key] for key in first if key != "timestamp"} == {
        "name": "echo",
        "namespace": NAMESPACE,
        "instance": "echo.1.0",
        "text": "0",
    }
    assert first["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("name=echo", "01234"),
        ("name=echo&namespace=openfaas-fn", "01234"),
        ("name=echo&tail=2", "34"),
        ("name=echo&tail=0", "01234"),
        ("name=echo&tail=-1", "01234"),
        ("name=echo&instance=echo.1.1", "13"),
        ("name=echo&instance=echo.9.9", ""),
        ("name=echo&since=2020-01-01T00:00:00Z", "01234"),
        ("name=echo&since=9999-12-31T23:59:59Z", ""),
        ("name=echo&follow=false", "01234"),
    ],
)
def test_what_is_asked_for_is_told(printing: RunningProvider, query: str, texts: str) -> None:
    assert texts_of(printing, query) == list(texts)


@pytest.mark.parametrize("query", ["name=ghost", "name=echo&namespace=other"])
@pytest.mark.parametrize("follow", ["", "&follow=true"])
def test_a_function_that_is_not_there_is_not_found(
    printing: RunningProvider, query: str, follow: str
) -> None:
    answer = printing.client.get(f"{PATH}?{query}{follow}")

    assert answer.status_code == 404
    assert "name" in answer.text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "name"),
        ("name=", "name"),
        ("name=../up", "name"),
        ("name=a%00", "name"),
        ("name=echo&namespace=UP", "namespace"),
        ("name=echo&tail=many", "tail"),
        ("name=echo&tail=1e9", "tail"),
        ("name=echo&tail=99999999999999999999", "tail"),
        ("name=echo&tail=%D9%A3", "tail"),
        ("name=echo&since=yesterday", "since"),
        ("name=echo&since=2026-02-30T00:00:00Z", "since"),
        ("name=echo&since=999999999999", "since"),
        ("name=echo&since=-1", "since"),
        ("name=echo&instance=a/b", "instance"),
        ("name=echo&instance=" + "a" * 80, "instance"),
        ("name=echo&follow=maybe", "follow"),
    ],
)
def test_a_malformed_question_is_told_by_field(
    printing: RunningProvider, query: str, field: str
) -> None:
    answer = printing.client.get(f"{PATH}?{query}")

    assert answer.status_code == 400
    assert field in answer.text


class Follower:
    """Follows in a thread, as a client does."""

    def __init__(self, provider: RunningProvider, query: str = "name=echo&follow=true") -> None:
        self.answer = provider.client.get(f"{PATH}?{query}", buffered=False)
        self.texts: list[str] = []
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._read)
        if self.answer.status_code == 200:
            self._thread.start()

    def _read(self) -> None:
        for piece in self.answer.response:
            self.texts += [json.loads(line)["text"] for line in piece.splitlines()]
        self.answer.close()
        self.ended.set()

    def join(self) -> None:
        assert self.ended.wait(5)
        self._thread.join()


def test_a_follower_gets_what_comes_until_the_function_is_no_more(
    printing: RunningProvider,
) -> None:
    follower = Follower(printing, "name=echo&follow=true&tail=1")
    printing.world.print(NAMESPACE, "echo", "echo.2.0", "after a restart")
    assert eventually(lambda: follower.texts == ["4", "after a restart"])

    printing.delete()

    follower.join()


def test_followers_are_bounded_and_one_that_leaves_makes_room(printing: RunningProvider) -> None:
    followers = [Follower(printing) for _ in range(STREAMS)]
    assert [each.answer.status_code for each in followers] == [200] * STREAMS

    refused = printing.client.get(f"{PATH}?name=echo&follow=true")
    assert refused.status_code == 503
    assert "Retry-After" in refused.headers
    assert printing.client.get("/system/functions").status_code == 200

    printing.world.print(NAMESPACE, "echo", "echo.1.0", "to all")
    assert eventually(lambda: all(each.texts[-1] == "to all" for each in followers))
    printing.delete()
    for each in followers:
        each.join()
    printing.deploy_ready("other")
    assert texts_of(printing, "name=other") == []


def test_one_that_is_closed_before_it_is_read_makes_room(printing: RunningProvider) -> None:
    for _ in range(STREAMS + 1):
        answer: Any = printing.client.get(f"{PATH}?name=echo&follow=true", buffered=False)
        assert answer.status_code == 200
        answer.close()


def test_a_follower_ends_when_the_provider_does(printing: RunningProvider) -> None:
    follower = Follower(printing)
    assert eventually(lambda: len(follower.texts) == 5)

    stop: Callable[[], None] = printing.stop
    stop()

    follower.join()
