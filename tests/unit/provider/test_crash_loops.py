"""A function that ends again and again shows why, how often, and what it printed last."""

from tests.unit.provider.running import NAMESPACE, RunningProvider, eventually

LOG = "com.openfaas.status.log"


def log_of(provider: RunningProvider, query: str = "") -> str:
    answer = provider.client.get(f"/system/function/echo{query}")
    assert answer.json is not None
    return str(answer.json["annotations"].get(LOG, ""))


def crash_on(provider: RunningProvider) -> None:
    """Deploy what ends at once, and wait until it did so for the third time."""
    provider.deploy(image="exit")
    assert eventually(lambda: "exited with status 0 (3 times in a row)" in provider.reason())


def test_reason_count_and_last_lines_are_in_the_status(provider: RunningProvider) -> None:
    for number in range(7):
        provider.world.print(NAMESPACE, "echo", "echo.1.0", f"line {number}")
    provider.world.print(NAMESPACE, "echo", "echo.1.1", "another replica's")
    provider.world.print(NAMESPACE, "echo", "echo.1.0", "x" * 900)
    crash_on(provider)

    assert provider.state() == "failed"
    lines = log_of(provider).split("\n")
    assert lines == ["line 3", "line 4", "line 5", "line 6", "x" * 200]
    assert log_of(provider, "?usage=true") == log_of(provider)


def test_tries_come_ever_later(provider: RunningProvider) -> None:
    crash_on(provider)

    assert not eventually(lambda: "(4 times" in provider.reason(), 1.2)
    assert eventually(lambda: "(4 times" in provider.reason())


def test_one_that_printed_nothing_shows_no_lines(provider: RunningProvider) -> None:
    crash_on(provider)

    assert log_of(provider) == ""


def test_what_is_ready_or_listed_with_others_shows_none(provider: RunningProvider) -> None:
    provider.world.print(NAMESPACE, "echo", "echo.1.0", "hello")
    provider.deploy_ready()
    assert log_of(provider) == ""

    provider.update(image="exit")
    provider.world.print(NAMESPACE, "echo", "echo.2.0", "goodbye")
    assert eventually(lambda: log_of(provider) == "goodbye")
    [listed] = provider.client.get("/system/functions").json or [{}]
    assert LOG not in listed["annotations"]
