"""An update that never gets ready is taken back, and the function says why."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from faasd.base.errors import Unsatisfiable
from faasd.node.domain.container import TaskState, Workload
from faasd.node.domain.reference import parse_reference
from provider_app.domain.decide import Create, Situation, Start, Withdraw, decide
from provider_app.domain.failures import Failure
from provider_app.domain.function import FunctionKey
from provider_app.domain.replica import Replica, in_rotation
from provider_app.domain.rollout import Done, RollBack, Rollout, decide_rollout, has_begun
from provider_app.domain.strategy import STRATEGY, Strategy, read_strategy
from tests.unit.provider.making import NAME, NAMESPACE, function, workload
from tests.unit.provider.running import RunningProvider, eventually, json_of

KEY = FunctionKey(namespace=NAMESPACE, name=NAME)
SHORT = 0.4
"""Seconds of patience."""


def see(generation: int = 2, replicas: int = 1, ready: tuple[str, ...] = ()) -> Situation:
    wanted = function(generation, replicas)
    return Situation(wanted=wanted, found=(workload(1),), ready=frozenset(ready), now=50.0)


def rollout(give_up_at: float | None) -> Rollout:
    return Rollout(previous=function(1), give_up_at=give_up_at)


def impatient(provider: RunningProvider) -> RunningProvider:
    provider.stop()
    provider.start(update_timeout=SHORT)
    return provider


def test_an_update_is_done_when_every_new_replica_answers() -> None:
    half = see(replicas=2, ready=("echo.2.0",))

    assert decide_rollout(see(ready=("echo.2.0",)), rollout(1.0)) == Done()
    assert decide_rollout(half, rollout(None)) is None
    assert decide_rollout(half, rollout(60.0)) is None


def test_an_update_is_given_up_when_its_time_is_over_with_the_reason_of_a_replica() -> None:
    failed = {"echo.2.0": Failure(reason="it fell", count=3, at=40.0)}

    assert decide_rollout(see(), rollout(50.0)) == RollBack(reason="it did not answer")
    assert decide_rollout(replace(see(), failures=failed), rollout(50.0)) == RollBack(
        reason="it fell"
    )


def test_a_function_that_is_asleep_or_gone_is_not_judged() -> None:
    assert decide_rollout(see(replicas=0), rollout(0.0)) is None
    assert decide_rollout(replace(see(), wanted=None), rollout(0.0)) is None


def test_time_is_counted_from_the_first_container_not_from_a_download() -> None:
    failed = {"echo.2.0": Failure(reason="no such image", count=1, at=40.0)}

    assert not has_begun(see())
    assert has_begun(replace(see(), found=(workload(1), workload(2))))
    assert has_begun(replace(see(), failures=failed))


def test_the_grace_of_the_old_is_not_the_time_of_the_new() -> None:
    made = recreating(2, found=(workload(1), workload(2, state=TaskState.NONE)))

    assert not has_begun(made)
    assert has_begun(replace(made, found=made.found[1:]))


@pytest.mark.parametrize("image", ["exit", "silent"])
def test_an_update_that_never_gets_ready_is_taken_back_and_says_why(
    provider: RunningProvider, image: str
) -> None:
    impatient(provider).deploy_ready(envVars={"COLOUR": "blue"})

    provider.update(image=image, envVars={"COLOUR": "green"})

    assert eventually(lambda: "rolled back after 0.4 s" in provider.reason())
    assert provider.status()["image"].endswith("serve:latest")
    assert eventually(lambda: list(provider.workloads()) == ["echo.1.0"])
    assert provider.state() == "ready"
    assert json_of(provider.client.get("/function/echo"))["env"] == {"COLOUR": "blue"}


def test_the_next_update_begins_anew_and_its_success_leaves_no_reason(
    provider: RunningProvider,
) -> None:
    impatient(provider).deploy_ready()
    provider.update(image="exit")
    assert eventually(lambda: "rolled back" in provider.reason())

    provider.update(envVars={"COLOUR": "green"})

    assert eventually(lambda: list(provider.workloads()) == ["echo.3.0"])
    assert provider.reason() == ""


def test_deploying_what_was_gone_back_to_restarts_nothing_and_ends_the_complaint(
    provider: RunningProvider,
) -> None:
    impatient(provider).deploy_ready()
    provider.update(image="exit")
    assert eventually(lambda: "rolled back" in provider.reason())
    assert eventually(lambda: list(provider.workloads()) == ["echo.1.0"])
    before = provider.workloads()["echo.1.0"].task.pid

    assert provider.update().status_code == 202

    assert (provider.state(), provider.reason()) == ("ready", "")
    assert provider.workloads()["echo.1.0"].task.pid == before


def test_two_bad_updates_go_back_to_the_last_that_was_good(provider: RunningProvider) -> None:
    impatient(provider).deploy_ready()

    provider.update(image="silent")
    provider.update(image="exit")

    assert eventually(lambda: "rolled back" in provider.reason())
    assert eventually(lambda: list(provider.workloads()) == ["echo.1.0"])


def test_an_update_is_judged_after_a_restart_of_the_provider_too(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready()
    provider.update(image="silent")
    assert eventually(lambda: "echo.2.0" in provider.workloads())

    impatient(provider)

    assert eventually(lambda: "rolled back" in provider.reason())
    assert eventually(lambda: list(provider.workloads()) == ["echo.1.0"])
    provider.stop()
    provider.start()
    assert eventually(lambda: "rolled back" in provider.reason())


def test_a_first_deploy_that_never_gets_ready_has_nothing_to_go_back_to(
    provider: RunningProvider,
) -> None:
    impatient(provider).deploy(image="silent")
    assert eventually(lambda: provider.state() in ("starting", "failed"))
    provider.update(image="exit")

    assert not eventually(lambda: "rolled back" in provider.reason(), SHORT * 3)


def test_a_good_update_is_never_taken_back_by_a_later_failure(provider: RunningProvider) -> None:
    impatient(provider).deploy_ready()
    provider.update(envVars={"COLOUR": "green"})
    assert eventually(lambda: list(provider.workloads()) == ["echo.2.0"])

    provider.world.crash(NAMESPACE, "echo.2.0")

    assert not eventually(lambda: "rolled back" in provider.reason(), SHORT * 2)
    assert provider.status()["envVars"] == {"COLOUR": "green"}


def test_removing_a_function_forgets_its_update(provider: RunningProvider) -> None:
    impatient(provider).deploy_ready()
    provider.update(image="silent")
    provider.delete()
    assert eventually(provider.is_empty)

    provider.deploy(image="silent")

    assert not eventually(lambda: "rolled back" in provider.reason(), SHORT * 2)


def recreating(generation: int, found: Sequence[Workload] = (workload(1),)) -> Situation:
    wanted = function(generation, asked={"labels": {STRATEGY: "recreate"}})
    return Situation(wanted=wanted, found=found, ready=frozenset({"echo.1.0"}))


def test_recreate_makes_the_new_ready_to_start_and_starts_it_when_the_old_has_ended() -> None:
    situation = recreating(2)

    assert decide(situation) == [
        Create(container="echo.2.0", replica=0),
        Withdraw(container="echo.1.0"),
    ]
    ended = replace(situation, found=(workload(2, state=TaskState.NONE),), ready=frozenset())
    assert decide(ended) == [Start(container="echo.2.0")]


def test_recreate_never_runs_both_and_callers_wait(provider: RunningProvider) -> None:
    provider.deploy_ready(labels={STRATEGY: "recreate"})

    provider.update(labels={STRATEGY: "recreate"}, envVars={"COLOUR": "green"})
    seen: list[object] = []
    while not seen or seen[-1] != {"COLOUR": "green"}:
        answer = provider.client.get("/function/echo")
        assert answer.status_code == 200, answer.text
        assert len(provider.running("echo")) <= 1
        seen.append(json_of(answer)["env"])

    assert eventually(lambda: list(provider.workloads()) == ["echo.2.0"])


def moved(provider: RunningProvider) -> None:
    """Update to what never answers, under the same tag; the registry knows the old by digest."""
    name = "docker.io/library/serve:latest"
    good = provider.world.registry[name]
    pinned = parse_reference(name).with_digest(good.source_digest).name
    provider.world.registry[pinned] = replace(good, name=pinned)
    provider.push("serve", "/bin/silent")


def test_what_ended_and_is_wanted_again_is_made_of_its_own_image_though_the_tag_moved(
    provider: RunningProvider,
) -> None:
    impatient(provider).deploy_ready(labels={STRATEGY: "recreate"})
    moved(provider)

    provider.update(labels={STRATEGY: "recreate"})

    assert eventually(lambda: "rolled back" in provider.reason())
    assert eventually(lambda: provider.state() == "ready")
    assert list(provider.workloads()) == ["echo.1.0"]


def test_after_an_update_was_taken_back_replicas_come_of_the_old_image_and_reboots_need_none(
    provider: RunningProvider,
) -> None:
    impatient(provider).deploy_ready()
    moved(provider)
    provider.update()
    assert eventually(lambda: "rolled back" in provider.reason())

    provider.world.registry_answers = False
    provider.reboot()
    assert eventually(lambda: provider.state() == "ready")

    provider.world.registry_answers = True
    provider.scale("echo", 2)
    assert eventually(lambda: provider.status()["availableReplicas"] == 2)


def test_strategies_are_read_from_the_label_and_others_are_refused() -> None:
    assert read_strategy({}) is Strategy.ROLLING
    assert read_strategy({STRATEGY: "Recreate"}) is Strategy.RECREATE
    with pytest.raises(Unsatisfiable, match=r'labels\["com.openfaas.update.strategy"\] \'blue\''):
        read_strategy({STRATEGY: "blue"})


def serving(*generations: int) -> list[Replica]:
    return [
        Replica(key=KEY, workload=workload(generation, number), ready=True)
        for number, generation in enumerate(generations)
    ]


def test_the_first_new_replica_does_not_carry_alone_what_all_the_old_did() -> None:
    def rotation(*generations: int) -> list[int]:
        return [one.workload.generation for one in in_rotation(serving(*generations))]

    assert rotation(1, 1, 1, 2) == [1, 1, 1, 2]
    assert rotation(1, 1, 2, 2) == [2, 2]
    assert rotation(1, 2) == [2]
    assert rotation() == []
