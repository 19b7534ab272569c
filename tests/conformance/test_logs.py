"""Logs: what functions print, by the last lines, since a time, and as it comes."""

import json
from datetime import datetime
from urllib.parse import quote

import pytest

from tests.conformance.client import Json
from tests.conformance.scene import NAMESPACE, Function, Scene

FIELDS = {"name", "namespace", "instance", "timestamp", "text"}


@pytest.fixture
def printer(scene: Scene) -> Function:
    """A function that prints what it is sent to its log."""
    return scene.function("printer", "watchdog", envProcess="log")


def test_a_line_has_who_when_and_what(printer: Function) -> None:
    say(printer, "first words")

    (line,) = [line for line in logs(printer) if line["text"] == "first words"]

    assert line.keys() >= FIELDS
    assert (line["name"], line["namespace"]) == (printer.name, NAMESPACE)
    assert line["instance"]
    assert parse(line["timestamp"]).tzinfo is not None


def test_lines_come_in_order(printer: Function) -> None:
    say(printer, "one", "two", "three")

    assert texts(printer)[-3:] == ["one", "two", "three"]


def test_tail_gives_the_last_lines(printer: Function) -> None:
    say(printer, "one", "two", "three")

    assert texts(printer, tail=2) == ["two", "three"]


def test_since_gives_what_came_after(printer: Function) -> None:
    say(printer, "before")
    say(printer, "after")
    times = {line["text"]: parse(line["timestamp"]) for line in logs(printer)}
    between = times["before"] + (times["after"] - times["before"]) / 2

    found = texts(printer, since=between.isoformat())

    assert "after" in found
    assert "before" not in found


def test_follow_gives_lines_as_they_come(printer: Function) -> None:
    say(printer, "before")
    with printer.client.stream("GET", log_path(printer, follow="true"), timeout=30) as lines:
        assert lines.status == 200
        wait_for_line(lines, "before")

        say(printer, "while it is followed")

        wait_for_line(lines, "while it is followed")


def test_a_follower_gets_lines_of_a_replica_that_came_later(printer: Function) -> None:
    with printer.client.stream("GET", log_path(printer, follow="true"), timeout=30) as lines:
        assert printer.scale(0).status in (200, 202)
        printer.wait_replicas(0)

        say(printer, "from a new replica")

        wait_for_line(lines, "from a new replica")


def test_logs_of_one_function_are_not_another_s(scene: Scene, printer: Function) -> None:
    other = scene.function("other", "watchdog", envProcess="log")
    say(printer, "mine")
    say(other, "theirs")

    assert "theirs" not in texts(printer)


def test_instance_gives_one_replica_s_lines(printer: Function) -> None:
    say(printer, "words")
    instance = logs(printer)[-1]["instance"]

    assert "words" in texts(printer, instance=instance)
    assert texts(printer, instance="no-such-instance") == []


def test_logs_of_a_function_in_another_namespace(scene: Scene) -> None:
    namespace = scene.namespace("space")
    inside = scene.function("inside", "watchdog", namespace=namespace, envProcess="log")

    say(inside, "from inside")

    assert {line["namespace"] for line in logs(inside)} == {namespace}


def test_without_a_name_it_is_refused(scene: Scene) -> None:
    scene.client.call("GET", "/system/logs").expect(400)


def log_path(function: Function, **more: object) -> str:
    query = {"name": function.name, "namespace": function.namespace, "follow": "false", **more}
    words = "&".join(f"{key}={quote(str(value))}" for key, value in query.items())
    return f"/system/logs?{words}"


def logs(function: Function, **more: object) -> list[Json]:
    answer = function.client.call("GET", log_path(function, **more)).expect(200)
    return [json.loads(line) for line in answer.text.splitlines() if line]


def texts(function: Function, **more: object) -> list[str]:
    return [str(line["text"]).rstrip("\n") for line in logs(function, **more)]


def say(function: Function, *lines: str) -> None:
    """Let it print lines, and wait until they are in its log."""
    for line in lines:
        function.call("POST", body=f"{line}\n".encode()).expect(200)
        function.wait(lambda: line in texts(function), f"{line!r} in its log")  # noqa: B023


def wait_for_line(lines: Json, text: str) -> None:
    """Read on until a line has the text; one that does not come ends by the client's timeout."""
    while line := lines.readline():
        if line.strip() and json.loads(line)["text"].rstrip("\n") == text:
            return
    raise AssertionError(f"the log ended before a line with {text!r}")


def parse(timestamp: str) -> datetime:
    """Parse RFC 3339 with nanoseconds, of which Python keeps microseconds."""
    head, dot, fraction = timestamp.partition(".")
    if not dot:
        return datetime.fromisoformat(timestamp)
    zone = "Z" if fraction.endswith("Z") else fraction[-6:]
    digits = fraction.removesuffix(zone)
    return datetime.fromisoformat(f"{head}.{digits[:6].ljust(6, '0')}{zone}")
