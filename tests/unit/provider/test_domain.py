"""Labels, probes, shim groups, states: the smaller decisions."""

from collections.abc import Mapping
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import InvalidInput, Unsatisfiable
from faasd.node.domain.container import DEFAULT_GRACE, TaskState
from provider_app.domain.failures import STABLE, Failure, next_failure
from provider_app.domain.grace import read_grace
from provider_app.domain.probe import Probe, pauses, read_probe
from provider_app.domain.scaling import check_replicas, read_scaling
from provider_app.domain.shim_groups import choose_group
from provider_app.domain.status import REASON, STATE, read_state
from tests.unit.provider.making import function, workload

FELL = {"echo.2.0": Failure(reason="it fell", count=3, at=0)}


def test_scaling_has_openfaas_defaults() -> None:
    scaling = read_scaling({})

    assert (scaling.least, scaling.most, scaling.to_zero) == (1, 20, False)


def test_scaling_is_read_from_labels() -> None:
    labels = {"com.openfaas.scale.min": "30", "com.openfaas.scale.zero": "true"}
    scaling = read_scaling(labels)

    assert (scaling.least, scaling.most, scaling.to_zero) == (30, 30, True)


def test_replicas_are_as_many_as_one_node_gives() -> None:
    assert check_replicas(0, "replicas") == 0
    with pytest.raises(InvalidInput):
        check_replicas(-1, "replicas")
    with pytest.raises(Unsatisfiable):
        check_replicas(101, "replicas")


@pytest.mark.parametrize(
    ("labels", "annotations", "env", "seconds"),
    [
        ({}, {}, {}, DEFAULT_GRACE),
        ({}, {}, {"grace_period": "1m"}, 60),
        ({}, {"grace_period": "5s"}, {"grace_period": "1m"}, 5),
        ({"com.openfaas.grace_period": "2s"}, {"grace_period": "5s"}, {}, 2),
    ],
)
def test_grace_is_the_labels_else_the_annotations_else_the_environments(
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    env: Mapping[str, str],
    seconds: float,
) -> None:
    assert read_grace(labels, annotations, env) == seconds


def test_a_probe_asks_the_watchdogs_paths_unless_a_label_names_another() -> None:
    assert read_probe({}) == Probe(paths=("/_/health", "/_/ready"), strict=False)
    assert read_probe({"com.openfaas.health.http.path": "/up"}) == Probe(
        paths=("/up",), strict=True
    )
    assert read_probe({"com.openfaas.ready.http.initialDelay": "2s"}).delay == 2


def test_probing_begins_fast_and_goes_on_without_end() -> None:
    first = list(islice(pauses(), 400))

    assert first[0] <= 0.002
    assert max(first[:100]) <= 0.05
    assert first[-1] == 1.0


@given(
    st.lists(st.sampled_from("abcdef"), max_size=60),
    st.integers(1, 8),
)
def test_groups_are_never_too_large_and_never_hold_one_function_twice(
    deployed: list[str], size: int
) -> None:
    groups: dict[str, list[str]] = {}
    for name in deployed:
        groups.setdefault(choose_group(groups, name, size), []).append(name)

    assert all(len(held) <= size for held in groups.values())
    assert all(len(held) == len(set(held)) for held in groups.values())


def test_different_functions_fill_a_group_before_another_is_begun() -> None:
    groups: dict[str, list[str]] = {}
    for number in range(16):
        name = f"fn{number}"
        groups.setdefault(choose_group(groups, name, 8), []).append(name)

    assert sorted(len(held) for held in groups.values()) == [8, 8]


def test_what_has_failed_for_days_is_still_tried_again_each_minute() -> None:
    failure = Failure(reason="it fell", count=5000, at=100)

    assert failure.retry_at == 160
    assert next_failure(failure, "it fell", 160).count == 5001


def test_failures_count_until_a_replica_was_stable() -> None:
    first = next_failure(None, "it fell", 0)
    second = next_failure(first, "it fell", 1)
    later = next_failure(second, "it fell", second.retry_at + STABLE + 1)

    assert (first.count, second.count, later.count) == (1, 2, 1)


def test_state_of_a_function_that_is_asleep() -> None:
    state = read_state(function(replicas=0), [workload(state=TaskState.NONE)], [], {})

    assert (state.word, state.available, dict(state.annotations)) == (
        "asleep",
        0,
        {STATE: "asleep"},
    )


def test_state_goes_from_pending_over_starting_to_ready() -> None:
    wanted = function()

    assert read_state(wanted, [], [], {}).word == "pending"
    assert read_state(wanted, [workload()], [], {}).word == "starting"
    assert read_state(wanted, [workload()], ["echo.1.0"], {}).word == "ready"


def test_state_tells_why_nothing_answers() -> None:
    state = read_state(function(generation=2), [], [], FELL)

    assert (state.word, state.available) == ("failed", 0)
    assert state.annotations[REASON] == "it fell (3 times in a row)"


def test_state_tells_that_the_old_generation_serves_and_why() -> None:
    state = read_state(function(generation=2), [workload(1)], ["echo.1.0"], FELL)

    assert (state.word, state.available) == ("degraded", 1)
    assert "it fell" in state.reason


def test_a_ready_function_says_nothing_of_what_failed_before() -> None:
    state = read_state(function(generation=2), [workload(2)], ["echo.2.0"], FELL)

    assert (state.word, state.reason) == ("ready", "")


def test_a_bad_update_is_not_failed_yet_while_the_generation_before_starts() -> None:
    found = [workload(1), workload(2, state=TaskState.NONE)]
    state = read_state(function(generation=2), found, [], FELL)
    both = FELL | {"echo.1.0": FELL["echo.2.0"]}

    assert (state.word, state.available) == ("starting", 0)
    assert "it fell" in state.reason
    assert read_state(function(generation=2), found, [], both).word == "failed"
