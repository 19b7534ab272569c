"""What the gateway's autoscaler asks for is compared with what it saw, and fitted to the memory."""

import pytest
from werkzeug.test import TestResponse

from tests.unit.provider.running import RunningProvider, eventually, json_of

ROOM = {"memory_reserve": 7 << 30}
"""Of the in-memory machine's 8 GiB: one is for functions."""


def ask(
    provider: RunningProvider, replicas: object, generation: object = 1, seen: object = 1
) -> TestResponse:
    body = {"replicas": replicas, "seen": {"generation": generation, "replicas": seen}}
    return provider.client.post("/system/follow-load/echo", json=body)


def test_a_function_as_it_was_seen_gets_what_its_load_asks_for(provider: RunningProvider) -> None:
    provider.deploy_ready()

    answer = ask(provider, 3)

    assert (answer.status_code, json_of(answer)) == (202, {"replicas": 3})
    assert eventually(lambda: provider.status()["availableReplicas"] == 3)


def test_no_more_than_its_label_allows(provider: RunningProvider) -> None:
    provider.deploy_ready(labels={"com.openfaas.scale.max": "2"})

    assert json_of(ask(provider, 3)) == {"replicas": 2}


@pytest.mark.parametrize("replicas", [0, 1, 5])
def test_what_changed_since_it_was_seen_is_not_undone(
    provider: RunningProvider, replicas: int
) -> None:
    provider.deploy_ready()
    provider.scale("echo", 3)

    scaled = ask(provider, replicas)
    assert (scaled.status_code, "changed meanwhile" in scaled.text) == (409, True)

    provider.update(envVars={"A": "1"})
    assert ask(provider, replicas, seen=3).status_code == 409
    assert provider.status()["replicas"] == 3


def test_what_is_called_is_not_put_to_sleep(provider: RunningProvider) -> None:
    provider.deploy_ready()
    with provider.call_in_flight("echo"):
        busy = ask(provider, 0)
        assert (busy.status_code, "is being called" in busy.text) == (409, True)
        assert ask(provider, 2).status_code == 202
        assert ask(provider, 1, seen=2).status_code == 202

    assert json_of(ask(provider, 0)) == {"replicas": 0}
    assert eventually(lambda: provider.running() == [])


def test_as_many_as_fit_are_given(provider: RunningProvider) -> None:
    provider.stop()
    provider.start(**ROOM)
    provider.deploy_ready(requests={"memory": "300Mi"})

    assert json_of(ask(provider, 9)) == {"replicas": 3}
    full = ask(provider, 9, seen=3)
    assert (full.status_code, "echo asks for 4 x 300 MiB" in full.text) == (507, True)
    assert provider.scale("echo", 9).status_code == 507
    assert json_of(ask(provider, 2, seen=3)) == {"replicas": 2}


def test_paused_functions_make_room_for_what_fits(provider: RunningProvider) -> None:
    provider.stop()
    provider.start(**ROOM)
    provider.deploy_ready(
        "frozen", requests={"memory": "300Mi"}, labels={"faasd.sleep.depth": "paused"}
    )
    assert provider.scale("frozen", 0).status_code == 202
    provider.deploy_ready(requests={"memory": "300Mi"})

    assert json_of(ask(provider, 9, generation=2)) == {"replicas": 3}


def test_what_cannot_be_is_refused(provider: RunningProvider) -> None:
    assert ask(provider, 1).status_code == 404
    provider.deploy_ready()

    assert [ask(provider, number).status_code for number in (-1, 101, "2", None)] == [
        400,
        422,
        400,
        400,
    ]
    assert ask(provider, 1, generation="1").status_code == 400
    bare = provider.client.post("/system/follow-load/echo", json={"replicas": 1})
    assert bare.status_code == 400
