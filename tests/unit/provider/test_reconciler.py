"""Whatever befalls the machine or the provider, the node comes back to what is wanted."""

import random
import sqlite3
from contextlib import closing

import pytest

from faasd.node.domain.container import ContainerSpec, TaskState
from faasd.node.domain.events import EventKind, NodeEvent
from faasd.node.open import open_memory_node
from tests.unit.provider.running import NAMESPACE, RunningProvider, eventually, json_of


def pid_of(provider: RunningProvider, name: str = "echo") -> int:
    return next(iter(provider.workloads(name).values())).task.pid


def test_the_namespace_for_functions_is_made(provider: RunningProvider) -> None:
    assert eventually(lambda: provider.world.namespaces == {NAMESPACE: {"openfaas": "true"}})


def test_a_look_that_fails_in_an_unknown_way_is_not_the_last(
    provider: RunningProvider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.world.pipes.add(("no", "such"))  # type: ignore[arg-type]  # nothing can be made of it
    provider.world.tell(NodeEvent(kind=EventKind.RESYNC))
    assert eventually(lambda: "unexpected" in caplog.text)

    provider.deploy_ready()


def test_a_look_for_which_containerd_was_too_slow_is_soon_tried_again(
    provider: RunningProvider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.deploy_ready()
    provider.world.is_slow = True
    provider.scale("echo", 0)
    assert eventually(lambda: "does not answer in time" in caplog.text)
    provider.world.is_slow = False

    assert eventually(lambda: not provider.running())


def test_a_crashed_replica_runs_again_at_once_and_the_cause_is_known(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready()
    before = pid_of(provider)

    provider.world.crash(NAMESPACE, "echo.1.0")

    assert eventually(lambda: pid_of(provider) != before, 1)
    assert eventually(lambda: provider.state() == "ready")


def test_a_caller_during_a_crash_is_answered(provider: RunningProvider) -> None:
    provider.deploy_ready()

    for _ in range(5):
        provider.world.crash(NAMESPACE, "echo.1.0")
        answer = provider.client.get("/function/echo")
        if answer.status_code != 200:  # After several crashes it waits before the next start.
            assert answer.status_code == 503
            assert "137" in answer.text
            return
    assert provider.state() == "ready"


def test_after_a_reboot_everything_runs_again_with_new_addresses(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready("one")
    provider.deploy_ready("two")

    provider.reboot()

    for name in ("one", "two"):
        assert eventually(lambda name=name: provider.state(name) == "ready")  # type: ignore[misc]
        assert provider.client.get(f"/function/{name}").status_code == 200


def test_a_container_removed_by_hand_is_made_again(provider: RunningProvider) -> None:
    provider.deploy_ready()
    node = open_memory_node(provider.world)

    node.workloads.remove(NAMESPACE, "echo.1.0")
    node.close()

    assert eventually(lambda: provider.running() == ["echo.1.0"])
    assert eventually(lambda: provider.client.get("/function/echo").status_code == 200)


def test_while_containerd_is_away_functions_answer_and_changes_wait(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready()
    provider.world.go_down()

    assert provider.client.get("/function/echo").status_code == 200
    assert provider.client.get("/healthz").status_code == 503
    assert provider.scale("echo", 0).status_code == 202
    assert provider.deploy("late").status_code == 503
    assert not eventually(lambda: provider.world.tasks == {}, 0.5)
    provider.world.come_back()

    assert eventually(lambda: provider.running() == [])
    assert provider.client.get("/healthz").status_code == 200


def test_what_crashed_while_containerd_was_away_runs_again(provider: RunningProvider) -> None:
    provider.deploy_ready()
    before = pid_of(provider)

    provider.world.go_down()
    provider.world.crash(NAMESPACE, "echo.1.0")
    provider.world.come_back()

    assert eventually(lambda: provider.running() == ["echo.1.0"] and pid_of(provider) != before)


def test_a_restarted_provider_touches_no_replica_and_serves(provider: RunningProvider) -> None:
    provider.deploy_ready()
    before = pid_of(provider)

    provider.stop()
    provider.start()

    assert eventually(lambda: provider.client.get("/function/echo").status_code == 200)
    assert pid_of(provider) == before
    assert provider.state() == "ready"


def test_a_restarted_provider_does_what_was_wanted_meanwhile(provider: RunningProvider) -> None:
    provider.deploy_ready("kept")
    provider.deploy_ready("crashed")
    provider.stop()
    provider.world.crash(NAMESPACE, "crashed.2.0")

    provider.start()

    assert eventually(lambda: provider.state("crashed") == "ready")
    assert provider.running("kept") == ["kept.1.0"]


def test_leftovers_of_a_killed_provider_are_removed_at_the_start(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready()
    provider.stop()
    node = open_memory_node(provider.world)
    image = "docker.io/library/serve:latest"
    for leftover, name in (("ghost.7.0", "ghost"), ("echo.9.0", "echo")):
        node.workloads.create(
            ContainerSpec(namespace=NAMESPACE, id=leftover, name=name, image=image)
        )
    provider.world.files.add((NAMESPACE, "half.3.0"))
    node.close()

    provider.start()

    assert eventually(lambda: [key[1] for key in provider.world.records] == ["echo.1.0"])
    assert eventually(lambda: provider.world.files == {(NAMESPACE, "echo.1.0")})


def test_a_second_provider_of_the_same_database_waits(provider: RunningProvider) -> None:
    other = RunningProvider(provider.directory, provider.world)
    provider.deploy_ready()
    provider.stop()

    other.start()

    assert eventually(lambda: json_of(other.client.get("/system/functions")) != [])
    other.stop()
    provider.start()


def test_a_stubborn_program_is_killed_after_its_grace(provider: RunningProvider) -> None:
    provider.deploy_ready(image="stubborn", annotations={"grace_period": "100ms"})

    provider.delete()

    assert eventually(provider.is_empty, 2)


def test_a_slow_stop_of_one_function_delays_no_other(provider: RunningProvider) -> None:
    provider.deploy_ready("slow", "stubborn", annotations={"grace_period": "1s"})
    provider.delete("slow")

    provider.deploy_ready("quick")

    assert provider.workloads("slow")
    assert eventually(lambda: not provider.workloads("slow"))


def test_a_stop_of_the_provider_does_not_wait_for_a_function(provider: RunningProvider) -> None:
    provider.deploy("never", "silent")
    assert eventually(lambda: provider.running("never") == ["never.1.0"])

    provider.stop()

    assert provider.workloads("never")["never.1.0"].state is TaskState.RUNNING


def test_many_functions_at_once_all_become_ready(provider: RunningProvider) -> None:
    names = [f"fn{number}" for number in range(30)]
    for name in names:
        assert provider.deploy(name).status_code == 202

    for name in names:
        assert eventually(lambda name=name: provider.state(name) == "ready")  # type: ignore[misc]
    for name in names:
        provider.delete(name)
    assert eventually(provider.is_empty)


class Life:
    """Random changes and accidents, and what is wanted after them."""

    def __init__(self, provider: RunningProvider, seed: int) -> None:
        self._provider = provider
        self._chance = random.Random(seed)
        self.wanted: dict[str, int] = {}
        self.steps: dict[str, str] = {}

    def live(self, step: int) -> None:
        """Let one thing happen."""
        happen = self._chance.choice([self.deploy, self.deploy, self.befall, self.scale])
        happen(self._chance.choice("abc"), step)

    def deploy(self, name: str, step: int) -> None:
        self._provider.deploy(name, envVars={"STEP": str(step)})
        self.wanted.setdefault(name, 1)  # One that is asleep sleeps on after the update.
        self.steps[name] = str(step)

    def scale(self, name: str, step: int) -> None:
        if step % 4 == 0:
            self._provider.delete(name)
            self.wanted.pop(name, None)
        elif name in self.wanted:
            self.wanted[name] = self._chance.randrange(4)
            self._provider.scale(name, self.wanted[name])

    def befall(self, _name: str, step: int) -> None:
        if step % 3 == 0:
            self._provider.reboot()
        elif tasks := list(self._provider.world.tasks):
            self._provider.world.crash(*self._chance.choice(tasks))

    def is_as_wanted(self, name: str) -> bool:
        """Tell whether the node holds just what a function needs, and it answers as deployed."""
        replicas = self.wanted.get(name, 0)
        kept = max(replicas, 1) if name in self.wanted else 0
        if replicas == 0 and self._is_unanswered(name):
            kept += 1  # Put to sleep before its update answered: what was before stays, asleep.
        if (len(self._provider.running(name)), len(self._provider.workloads(name))) != (
            replicas,
            kept,
        ):
            return False
        answer = self._provider.client.get(f"/function/{name}") if replicas else None
        return answer is None or answer.json == {**json_of(answer), "env": self._env(name)}

    def _env(self, name: str) -> dict[str, str]:
        return {"STEP": self.steps[name]}

    def _is_unanswered(self, name: str) -> bool:
        query = "SELECT 1 FROM rollouts WHERE name = ? AND reason = ''"
        with closing(sqlite3.connect(self._provider.config.database)) as connection:
            return connection.execute(query, (name,)).fetchone() is not None


@pytest.mark.parametrize("seed", range(6))
def test_after_any_changes_and_accidents_the_node_is_as_last_wanted(
    provider: RunningProvider, seed: int
) -> None:
    life = Life(provider, seed)
    for step in range(25):
        life.live(step)

    for name in "abc":
        assert eventually(lambda name=name: life.is_as_wanted(name), 20), (  # type: ignore[misc]
            name,
            life.wanted,
            provider.workloads(name),
        )
