"""What the gateway follows at `/system/routes`, and how it wakes a function."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from threading import Event
from typing import Any

import pytest

from faasd.node.adapters.memory.programs import Process
from faasd.node.open import open_memory_node
from provider_app.config import ROUTE_STREAMS
from tests.unit.provider.running import (
    NAMESPACE,
    PATIENCE,
    RunningProvider,
    eventually,
    json_of,
)

Line = dict[str, Any]


class Following:
    """One follower; the last line of each function is in `entries`."""

    def __init__(self, provider: RunningProvider) -> None:
        self._answer = provider.client.get("/system/routes", buffered=False)
        assert self._answer.status_code == 200, self._answer.text
        self._pieces = self._answer.iter_encoded()
        self.lines: list[Line] = []
        self.entries: dict[str, Line] = {}

    def close(self) -> None:
        self._answer.close()

    def until(self, condition: Callable[[], bool]) -> None:
        """Read on until a condition holds; lines come at least as often as heartbeats."""
        for _ in range(200):
            if condition():
                return
            for text in next(self._pieces).decode().splitlines():
                self._take(json.loads(text))
        raise AssertionError(self.lines)

    def _take(self, line: Line) -> None:
        self.lines.append(line)
        if line.get("gone"):
            del self.entries[line["function"]]
        elif "function" in line:
            self.entries[line["function"]] = line

    @property
    def is_synced(self) -> bool:
        return {"synced": True} in self.lines

    def states(self, name: str = "echo") -> list[str]:
        return [line["state"] for line in self.lines if line.get("function") == name]


class HeldFrozen:
    """A program that does not thaw before the test says so."""

    def __init__(self, program: Process) -> None:
        self._program = program
        self.may_thaw = Event()

    def terminate(self) -> bool:
        return self._program.terminate()

    def end(self) -> None:
        self._program.end()

    def pause(self) -> None:
        self._program.pause()

    def resume(self) -> None:
        self.may_thaw.wait(PATIENCE)
        self._program.resume()


@pytest.fixture
def following(provider: RunningProvider) -> Iterator[Following]:
    with closing(Following(provider)) as made:
        yield made


def test_what_there_is_comes_first_then_that_it_was_all(provider: RunningProvider) -> None:
    provider.deploy_ready("one")
    provider.deploy_ready("two", replicas=1)

    with closing(Following(provider)) as following:
        following.until(lambda: following.is_synced)

    assert following.lines[-1] == {"synced": True}
    assert following.entries["one"] == {
        "function": "one",
        "namespace": NAMESPACE,
        "generation": 1,
        "replicas": 1,
        "available": [provider.address("one")],
        "state": "ready",
        "reason": "",
        "scaling": {"least": 1, "most": 20, "idle": None, "load": None},
    }
    assert set(following.entries) == {"one", "two"}


def test_a_functions_whole_life_is_told(provider: RunningProvider, following: Following) -> None:
    following.until(lambda: following.is_synced)
    assert following.entries == {}

    provider.deploy()
    following.until(lambda: following.states()[-1:] == ["ready"])
    assert following.entries["echo"]["available"] == [provider.address()]
    provider.scale("echo", 0)
    following.until(lambda: following.states()[-1:] == ["asleep"])
    following.until(lambda: following.entries["echo"]["available"] == [])
    provider.delete()
    following.until(lambda: "echo" not in following.entries)


def test_labels_of_scaling_are_told_as_numbers(
    provider: RunningProvider, following: Following
) -> None:
    prefix = "com.openfaas.scale."
    provider.deploy("plain", labels={f"{prefix}min": "2"})
    labels = {"zero": "true", "zero-duration": "5m", "type": "capacity", "max": "10"}
    labels |= {"target": "20", "target-proportion": "0.5", "factor": "25"}
    provider.deploy("full", labels={prefix + name: value for name, value in labels.items()})
    following.until(lambda: following.entries.keys() == {"plain", "full"})

    told = {name: line["scaling"] for name, line in following.entries.items()}
    assert told["plain"] == {"least": 2, "most": 20, "idle": None, "load": None}
    load = {"type": "capacity", "each": 10.0, "step": 3}
    assert told["full"] == {"least": 1, "most": 10, "idle": 300.0, "load": load}


def test_no_line_is_told_twice_in_a_row(provider: RunningProvider, following: Following) -> None:
    provider.deploy()
    following.until(lambda: following.states()[-1:] == ["ready"])
    provider.deploy("other")
    following.until(lambda: following.states("other")[-1:] == ["ready"])

    own = [line for line in following.lines if line.get("function") == "echo"]
    assert all(one != next_one for one, next_one in itertools.pairwise(own))


def test_a_function_that_fails_is_told_with_the_reason(
    provider: RunningProvider, following: Following
) -> None:
    provider.deploy("broken", "exit")

    following.until(lambda: "failed" in following.states("broken"))

    assert "exited with status 0" in following.entries["broken"]["reason"]
    assert following.entries["broken"]["available"] == []


def test_a_paused_replica_is_not_available_until_it_answers_again(
    provider: RunningProvider, following: Following
) -> None:
    provider.deploy_ready()
    following.until(lambda: following.states()[-1:] == ["ready"])
    task = provider.world.tasks[NAMESPACE, "echo.1.0"]
    task.process = held = HeldFrozen(task.process)

    with closing(open_memory_node(provider.world)) as node:
        node.workloads.pause(NAMESPACE, "echo.1.0")

    # What is over before a follower reads again is not told.
    following.until(lambda: following.entries["echo"]["available"] == [])
    held.may_thaw.set()
    following.until(lambda: following.states()[-1] == "ready")
    assert following.entries["echo"]["available"] == [provider.address()]


def test_an_update_never_leaves_the_function_without_an_address(
    provider: RunningProvider, following: Following
) -> None:
    provider.deploy_ready()
    following.until(lambda: following.states()[-1:] == ["ready"])
    seen = len(following.lines)

    provider.update(envVars={"A": "b"})
    following.until(lambda: following.entries["echo"]["generation"] == 2)
    following.until(lambda: following.states()[-1] == "ready")

    told = [line for line in following.lines[seen:] if line.get("function") == "echo"]
    assert all(len(line["available"]) == 1 for line in told)


def test_a_restarted_provider_tells_of_warm_functions_as_ready(provider: RunningProvider) -> None:
    provider.deploy_ready()
    address = provider.address()
    provider.stop()
    provider.start()

    with closing(Following(provider)) as following:
        following.until(lambda: following.is_synced)
        following.until(lambda: following.entries["echo"]["available"] == [address])


def test_more_followers_than_there_is_room_for_are_refused(provider: RunningProvider) -> None:
    with ExitStack() as undo:
        for _ in range(ROUTE_STREAMS):
            undo.enter_context(closing(Following(provider)))
        answer = provider.client.get("/system/routes")

        assert answer.status_code == 503
        assert provider.client.get("/system/functions").status_code == 200
    with closing(Following(provider)) as following:
        following.until(lambda: following.is_synced)


def test_streams_end_with_the_provider(provider: RunningProvider, following: Following) -> None:
    following.until(lambda: following.is_synced)
    assert provider.provider is not None

    provider.provider.end_streams()

    with pytest.raises(StopIteration):
        following.until(lambda: False)


def test_a_function_that_is_asleep_is_awakened_and_nobody_waits(provider: RunningProvider) -> None:
    provider.deploy_ready(labels={"com.openfaas.scale.min": "2"})
    provider.scale("echo", 0)
    assert eventually(lambda: provider.running() == [])

    answer = provider.client.post(f"/system/awaken/echo?namespace={NAMESPACE}")

    assert (answer.status_code, answer.text) == (202, "")
    assert eventually(lambda: len(provider.running()) == 2)


def test_a_function_that_is_awake_is_let_alone(provider: RunningProvider) -> None:
    provider.deploy_ready()
    provider.scale("echo", 3)
    assert eventually(lambda: len(provider.running()) == 3)

    assert provider.client.post("/system/awaken/echo").status_code == 202

    assert provider.status()["replicas"] == 3


@pytest.mark.parametrize(("path", "status"), [("none", 404), ("No-Name", 400)])
def test_what_cannot_be_awakened_is_told(provider: RunningProvider, path: str, status: int) -> None:
    answer = provider.client.post(f"/system/awaken/{path}")

    assert answer.status_code == status
    assert json_of(answer) if answer.is_json else answer.text


@pytest.mark.parametrize(("method", "path"), [("GET", "routes"), ("POST", "awaken/echo")])
def test_both_ask_for_the_login(provider: RunningProvider, method: str, path: str) -> None:
    provider.client.environ_base.pop("HTTP_AUTHORIZATION")

    answer = provider.client.open(f"/system/{path}", method=method)

    assert answer.status_code == 401
