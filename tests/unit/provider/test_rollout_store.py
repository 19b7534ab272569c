"""What is remembered of an update, and how long it has."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from provider_app.domain.decide import Situation
from provider_app.domain.function import FunctionKey
from provider_app.domain.probe import READY_DELAY
from provider_app.domain.scaling import Scaling
from provider_app.services.database import Database
from provider_app.services.rollouts import Rollouts
from provider_app.services.store import Store
from tests.unit.provider.making import NAME, NAMESPACE, function, workload

KEY = FunctionKey(namespace=NAMESPACE, name=NAME)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a store in which generation 2 replaces 1."""
    with closing(Database(str(tmp_path / "functions.db"))) as database:
        store = Store(database)
        store.put(function(1, asked={"labels": {"com.openfaas.scale.max": "2"}}))
        store.put(function(2), keep_previous=True)
        yield store


def test_a_sleep_does_not_use_up_the_time_of_an_update(store: Store) -> None:
    rollouts = Rollouts(store, 10.0)
    begun = Situation(wanted=function(2), found=(workload(2),))
    asleep = replace(begun, wanted=function(2, replicas=0))

    judged = [
        rollouts.judge(KEY, replace(situation, now=now), function(1))
        for situation, now in ((begun, 50.0), (asleep, 55.0), (begun, 99.0), (begun, 108.0))
    ]

    assert judged == [False] * 4
    assert rollouts.judge(KEY, replace(begun, now=109.0), function(1))


def test_what_is_wanted_again_has_as_many_replicas_as_its_own_labels_allow(store: Store) -> None:
    store.set_replicas(KEY, 5)

    assert store.roll_back(KEY, 2, "it fell", Scaling(least=1, most=2))

    found = store.find(KEY)
    assert found is not None
    assert (found.generation, found.replicas) == (1, 2)


def test_the_time_in_which_a_replica_is_left_alone_is_not_its_time_to_become_ready(
    store: Store,
) -> None:
    asked = {"labels": {READY_DELAY: "3m"}}
    rollouts = Rollouts(store, 10.0)
    begun = Situation(wanted=function(2, asked=asked), found=(workload(2),), now=50.0)

    assert not rollouts.judge(KEY, begun, store.find_previous(KEY))
    assert not rollouts.judge(KEY, replace(begun, now=239.0), store.find_previous(KEY))
    assert rollouts.judge(KEY, replace(begun, now=240.0), store.find_previous(KEY))
