"""A function's life over the provider's API, as `curl` and `faas-cli` lead it."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.client import Calls, Client, Stop
from tests.e2e.inventory import expected, inventory
from tests.e2e.machine import PORT, Machine
from tests.machine.processes import wait_until

Images = dict[str, str]
NO_CALLS_FAIL_FOR = 1.0


@pytest.fixture
def echo(client: Client, images: Images) -> str:
    """A function that is ready."""
    client.deploy("echo", images["serve"], envVars={"COLOUR": "blue"})
    client.wait_ready("echo")
    return "echo"


@contextmanager
def calling(client: Client, name: str) -> Iterator[Calls]:
    """Call a function all the time, from two threads, while the block runs."""
    stop, seen = Stop(), Calls([], [])

    def call() -> None:
        calls = Calls.until(client, name, stop)
        seen.statuses.extend(calls.statuses)
        seen.errors.extend(calls.errors)

    threads = [threading.Thread(target=call) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.asked = True
        for thread in threads:
            thread.join(30)


def test_info_and_health_tell_who_answers(client: Client) -> None:
    info = client.call("GET", "/system/info").json

    assert info["provider"]["provider"]
    assert info["provider"]["orchestration"]
    assert info["arch"]
    assert client.call("GET", "/healthz").status == 200


def test_without_the_password_nothing_is_told(machine: Machine) -> None:
    for user, password in (("", ""), ("admin", "wrong")):
        stranger = Client("127.0.0.1", PORT, user, password)
        answer = stranger.call("GET", "/system/functions")

        assert answer.status == 401
        assert "basic" in answer.headers["www-authenticate"].lower()
        assert stranger.call("GET", "/healthz").status == 200
    assert machine.is_running("provider")


def test_deployed_function_answers_with_method_path_body_and_headers(
    client: Client, echo: str
) -> None:
    got = client.invoke(echo, "/a/b?c=d").json
    posted = client.invoke(echo, "/", "POST", b"some bytes", x_colour="red").json

    assert (got["method"], got["path"]) == ("GET", "/a/b?c=d")
    assert (posted["method"], posted["body"]) == ("POST", "some bytes")
    assert posted["headers"]["x-colour"] == "red"
    assert posted["env"]["COLOUR"] == "blue"


def test_the_functions_own_status_and_redirect_reach_the_caller(client: Client, echo: str) -> None:
    failed = client.invoke(echo, x_want_status="418")
    moved = client.invoke(echo, x_want_status="302", x_want_location="http://127.0.0.1:1/")

    assert failed.status == 418
    assert (moved.status, moved.headers["location"]) == (302, "http://127.0.0.1:1/")


def test_call_id_is_kept_or_made(client: Client, echo: str) -> None:
    kept = client.invoke(echo, x_call_id="c0ffee")
    made = client.invoke(echo)

    assert kept.headers["x-call-id"] == kept.json["headers"]["x-call-id"] == "c0ffee"
    assert made.headers["x-call-id"] == made.json["headers"]["x-call-id"]


def test_list_and_describe_tell_what_was_deployed(client: Client, images: Images) -> None:
    wanted = {
        "labels": {"team": "a"},
        "annotations": {"topic": "b"},
        "limits": {"memory": "64Mi", "cpu": "500m"},
        "envProcess": "cat",
    }
    client.deploy("echo", images["serve"], **wanted)
    client.wait_ready("echo")

    status = client.describe("echo").json
    listed = client.call("GET", "/system/functions").json

    assert [function["name"] for function in listed] == ["echo"]
    assert (status["image"], status["namespace"]) == (images["serve"], "openfaas-fn")
    assert status["labels"]["team"] == "a"
    assert status["annotations"]["topic"] == "b"
    assert (status["replicas"], status["availableReplicas"]) == (1, 1)
    assert client.invoke("echo").json["env"]["fprocess"] == "cat"


def test_secrets_are_files_with_their_bytes_unchanged(client: Client, images: Images) -> None:
    value = "line one\nline two\t\N{SNOWMAN}"
    made = client.call(
        "POST",
        "/system/secrets",
        {"name": "key", "rawValue": base64.b64encode(value.encode()).decode()},
    )
    assert made.status in (200, 201, 202), made.text

    client.deploy("echo", images["serve"], secrets=["key"])
    client.wait_ready("echo")

    assert client.invoke("echo").json["secrets"] == {"key": value}
    assert value not in client.describe("echo").text
    client.delete("echo")
    removed = client.call("DELETE", "/system/secrets", {"name": "key"})
    assert removed.status in (200, 202), removed.text


def test_scaled_to_zero_it_stops_and_to_one_it_answers_again(
    client: Client, machine: Machine, echo: str
) -> None:
    assert client.scale(echo, 0).status in (200, 202)
    wait_until(lambda: client.replicas(echo) == 0, 10, "no replica")
    wait_until(lambda: inventory(machine.containerd)["tasks"] == 0, 10, "no task")

    assert client.scale(echo, 1).status in (200, 202)

    assert client.wait_ready(echo) < 5
    assert client.invoke(echo).status == 200


def test_an_update_of_env_fails_no_call(client: Client, images: Images, echo: str) -> None:
    with calling(client, echo) as calls:
        answer = client.update(echo, images["serve"], envVars={"COLOUR": "green"})
        assert answer.status in (200, 202), answer.text
        wait_until(lambda: client.invoke(echo).json["env"].get("COLOUR") == "green", 15, "green")
        threading.Event().wait(NO_CALLS_FAIL_FOR)

    assert calls.failures == []
    assert len(calls.statuses) > 20


def test_an_update_of_the_image_fails_no_call_and_leaves_one_replica(
    client: Client, machine: Machine, images: Images, echo: str
) -> None:
    with calling(client, echo) as calls:
        client.update(echo, images["serve2"])
        wait_until(lambda: client.describe(echo).json["image"] == images["serve2"], 15, "serve2")
        wait_until(lambda: "COLOUR" not in client.invoke(echo).json["env"], 15, "new replica")
        wait_until(lambda: inventory(machine.containerd)["containers"] == 1, 45, "one replica")

    assert calls.failures == []


def test_a_broken_update_leaves_the_old_replica_answering(
    client: Client, images: Images, echo: str
) -> None:
    with calling(client, echo) as calls:
        client.update(echo, images["exit"])
        threading.Event().wait(NO_CALLS_FAIL_FOR)

    assert calls.failures == []


def test_posting_an_existing_function_replaces_it(
    client: Client, images: Images, echo: str
) -> None:
    client.deploy(echo, images["serve"], envVars={"COLOUR": "red"})

    wait_until(lambda: client.invoke(echo).json["env"]["COLOUR"] == "red", 15, "red")


def test_deleted_function_is_gone_with_all_it_had(
    client: Client, machine: Machine, images: Images
) -> None:
    before = inventory(machine.containerd)
    client.deploy("echo", images["serve"])
    client.wait_ready("echo")
    during = inventory(machine.containerd)

    assert client.delete("echo").status in (200, 202)
    wait_until(lambda: "echo" not in client.names(), 15, "not listed")
    wait_until(lambda: inventory(machine.containerd) == before, 45, "nothing left")

    assert during == expected(1, before)
    assert client.invoke("echo").status == 404
    assert client.describe("echo").status == 404
