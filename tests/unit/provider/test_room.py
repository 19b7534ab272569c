"""Functions may not ask for more memory than the node has for them; refusals give the sums."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import NoRoom
from faasd.node.domain.container import TaskState
from provider_app.domain.budget import MIB, Ask, Budget, check_room, reserve_of
from tests.unit.provider.making import deployment
from tests.unit.provider.running import RunningProvider, eventually, json_of

PAUSED = {"faasd.sleep.depth": "paused"}
ROOM = {"memory_reserve": 7 << 30}
"""Of the in-memory machine's 8 GiB: one is for functions."""


def requested(provider: RunningProvider) -> int:
    return int(json_of(provider.client.get("/system/info"))["memory"]["requestedBytes"])


def restart(provider: RunningProvider, **config: object) -> None:
    provider.stop()
    provider.start(**config)


def test_a_small_machine_keeps_half_of_its_memory_back() -> None:
    assert reserve_of(512 * MIB) == 256 * MIB
    assert reserve_of(4096 * MIB) == 384 * MIB


def test_a_request_counts_before_a_limit_and_a_limit_before_the_default() -> None:
    budget = Budget(total=100 * MIB, reserve=0, default_request=16 * MIB)
    both = deployment(requests={"memory": "32Mi"}, limits={"memory": "64Mi"})

    assert budget.request_of(both) == 32 * MIB
    assert budget.request_of(deployment(limits={"memory": "64Mi"})) == 64 * MIB
    assert budget.request_of(deployment()) == 16 * MIB


@given(*[st.integers(min_value=0, max_value=1 << 40)] * 4)
def test_what_asks_for_no_more_than_before_always_fits(
    before: int, others: int, total: int, less: int
) -> None:
    ask = Ask(name="echo", replicas=1, request=max(before - less, 0))
    budget = Budget(total=total, reserve=total // 2, default_request=1)

    check_room(ask, before=before, others=others, budget=budget, field="replicas")


@given(st.integers(1, 100), st.integers(1, 1 << 34), st.integers(0, 1 << 36))
def test_what_fits_and_what_does_not_is_told_by_the_sum(
    replicas: int, request: int, others: int
) -> None:
    budget = Budget(total=1 << 36, reserve=1 << 35, default_request=1)
    ask = Ask(name="echo", replicas=replicas, request=request)
    fits = replicas * request + others <= 1 << 35

    try:
        check_room(ask, before=0, others=others, budget=budget, field="replicas")
    except NoRoom:
        assert not fits
    else:
        assert fits


def test_a_deploy_that_does_not_fit_is_refused_with_the_sums_and_changes_nothing(
    provider: RunningProvider,
) -> None:
    restart(provider, **ROOM)
    provider.deploy_ready("first", requests={"memory": "600Mi"})

    answer = provider.deploy("second", limits={"memory": "500Mi"})

    assert answer.status_code == 507
    assert "second asks for 1 x 500 MiB, other functions for 600 MiB" in answer.text
    assert "1,024 MiB for functions (8,192 MiB less 7,168 MiB" in answer.text
    assert provider.client.get("/system/function/second").status_code == 404
    assert requested(provider) == 600 << 20


def test_a_scale_that_does_not_fit_is_refused_and_one_that_frees_is_not(
    provider: RunningProvider,
) -> None:
    restart(provider, **ROOM)
    provider.deploy_ready(requests={"memory": "400Mi"})

    assert provider.scale("echo", 3).status_code == 507
    assert provider.scale("echo", 2).status_code == 202
    assert requested(provider) == 800 << 20
    restart(provider, memory_reserve=8 << 30)
    assert provider.scale("echo", 1).status_code == 202
    assert requested(provider) == 400 << 20


def test_an_update_counts_what_the_function_had_as_free(provider: RunningProvider) -> None:
    restart(provider, **ROOM)
    provider.deploy_ready(requests={"memory": "600Mi"})

    assert provider.update(requests={"memory": "1000Mi"}).status_code == 202
    assert provider.update(requests={"memory": "1100Mi"}).status_code == 507
    assert provider.status()["requests"]["memory"] == "1000Mi"


def test_a_function_that_is_asleep_asks_for_nothing_and_wakes_without_room(
    provider: RunningProvider,
) -> None:
    restart(provider, **ROOM)
    provider.deploy_ready(requests={"memory": "1000Mi"})
    assert provider.scale("echo", 0).status_code == 202
    assert requested(provider) == 0
    provider.deploy_ready("other", requests={"memory": "900Mi"})

    assert provider.client.post("/system/awaken/echo").status_code == 202
    assert eventually(lambda: provider.status()["availableReplicas"] == 1)


def test_a_function_that_is_paused_keeps_what_one_replica_asks_for(
    provider: RunningProvider,
) -> None:
    restart(provider, **ROOM)
    provider.deploy_ready(requests={"memory": "400Mi"}, labels={"faasd.sleep.depth": "paused"})
    assert provider.scale("echo", 2).status_code == 202
    assert requested(provider) == 800 << 20

    assert provider.scale("echo", 0).status_code == 202

    assert requested(provider) == 400 << 20
    restart(provider, memory_reserve=8 << 30)
    assert provider.scale("echo", 1).status_code == 202
    assert requested(provider) == 400 << 20


def sleeps(provider: RunningProvider, name: str, memory: str) -> None:
    provider.deploy_ready(name, requests={"memory": memory}, labels=PAUSED)
    assert provider.scale(name, 0).status_code == 202
    assert eventually(lambda: states(provider, name) == [TaskState.PAUSED])


def states(provider: RunningProvider, name: str) -> list[TaskState]:
    return [workload.state for workload in provider.workloads(name).values()]


def test_paused_functions_are_stopped_for_what_does_not_fit_the_longest_asleep_first(
    provider: RunningProvider,
) -> None:
    restart(provider, **ROOM)
    for name in ("third", "first", "second"):
        sleeps(provider, name, "300Mi")

    provider.deploy_ready("new", requests={"memory": "600Mi"})

    assert eventually(lambda: states(provider, "third") == [TaskState.NONE])
    assert eventually(lambda: states(provider, "first") == [TaskState.NONE])
    assert states(provider, "second") == [TaskState.PAUSED]
    assert requested(provider) == 900 << 20
    restart(provider)
    assert requested(provider) == 900 << 20


def test_one_that_was_stopped_for_another_is_paused_again_at_its_next_sleep(
    provider: RunningProvider,
) -> None:
    restart(provider, **ROOM)
    sleeps(provider, "first", "600Mi")
    provider.deploy_ready("new", requests={"memory": "900Mi"})
    assert eventually(lambda: states(provider, "first") == [TaskState.NONE])
    provider.delete("new")

    assert provider.client.get("/function/first").status_code == 200
    assert requested(provider) == 600 << 20
    assert provider.scale("first", 0).status_code == 202

    assert eventually(lambda: states(provider, "first") == [TaskState.PAUSED])
    assert requested(provider) == 600 << 20


def test_nobody_is_stopped_for_what_does_not_fit_even_so(provider: RunningProvider) -> None:
    restart(provider, **ROOM)
    sleeps(provider, "first", "300Mi")
    provider.deploy_ready("awake", requests={"memory": "500Mi"})

    answer = provider.deploy("new", requests={"memory": "600Mi"})

    assert (answer.status_code, "other functions for 800 MiB" in answer.text) == (507, True)
    assert provider.scale("awake", 3).status_code == 507
    assert states(provider, "first") == [TaskState.PAUSED]


def test_what_an_update_may_go_back_to_keeps_its_memory(provider: RunningProvider) -> None:
    restart(provider, **ROOM, update_timeout=1.0)
    provider.deploy_ready(requests={"memory": "600Mi"})
    assert provider.update(image="silent", requests={"memory": "100Mi"}).status_code == 202

    assert requested(provider) == 600 << 20
    assert provider.deploy("other", requests={"memory": "500Mi"}).status_code == 507
    scaled = provider.scale("echo", 2)
    assert (scaled.status_code, "echo asks for 2 x 600 MiB" in scaled.text) == (507, True)

    assert eventually(lambda: "rolled back" in provider.reason())
    assert requested(provider) == 600 << 20
    assert provider.update(requests={"memory": "100Mi"}).status_code == 202
    assert eventually(lambda: requested(provider) == 100 << 20)


def test_no_room_at_all_is_a_setting_not_a_crash(provider: RunningProvider) -> None:
    restart(provider, memory_reserve=16 << 30)

    assert provider.deploy().status_code == 507


@pytest.mark.parametrize("default", [0, 16 << 20])
def test_a_function_that_asks_for_nothing_counts_the_default(
    provider: RunningProvider, default: int
) -> None:
    restart(provider, memory_request=default)
    provider.deploy_ready()

    assert requested(provider) == default
