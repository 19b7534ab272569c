"""What the provider tells of scaling, understood."""

import json

import pytest

from faasd.base.errors import BadAnswer
from faasd.base.load import ByLoad, LoadType
from faasd.gateway.autoscaler.policy import Policy
from faasd.gateway.route_feed import RouteEntry, parse_line

LOAD = {"type": "capacity", "each": 9.5, "step": 4}
SCALING = {"least": 2, "most": 8, "idle": 900.0, "load": LOAD}


def line(scaling: object) -> bytes:
    entry = {"function": "echo", "namespace": "dev", "replicas": 1, "available": []}
    return json.dumps(entry | {"state": "ready", "scaling": scaling}).encode()


def policy(scaling: object) -> Policy | None:
    found = parse_line(line(scaling))
    assert isinstance(found, RouteEntry)
    return found.policy


def test_all_that_is_told_is_known() -> None:
    assert policy(SCALING) == Policy(
        least=2,
        most=8,
        idle=900.0,
        by_load=ByLoad(type=LoadType.CAPACITY, each=9.5, step=4),
    )
    assert policy(SCALING | {"idle": None, "load": None}) == Policy(least=2, most=8)
    assert policy(None) is None


@pytest.mark.parametrize(
    "scaling",
    [
        [],
        "none",
        {},
        SCALING | {"least": 9},
        SCALING | {"least": 0},
        SCALING | {"idle": "soon"},
        SCALING | {"load": []},
        SCALING | {"load": LOAD | {"type": "mood"}},
        SCALING | {"load": LOAD | {"each": 0}},
        SCALING | {"load": LOAD | {"step": 0}},
    ],
)
def test_what_the_provider_does_not_write_is_refused(scaling: object) -> None:
    with pytest.raises(BadAnswer):
        parse_line(line(scaling))
