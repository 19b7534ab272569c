"""Which commands turn what HAProxy does into what is wanted."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from faasd.router.answers import ServerState
from faasd.router.decide import (
    Found,
    decide_commands,
    found_functions,
    found_shape,
    lacks_slots,
)
from faasd.router.layout import Layout, Slot, all_slots
from faasd.router.pool import Shape
from faasd.router.settings import RouterSettings
from faasd.router.wanted import Endpoint, FunctionName, map_entries

SHAPE = Shape(backends=2, slots=2)
GATEWAY, ONE, TWO = (Endpoint(address="10.62.0.2", port=port) for port in (1, 2, 3))
SETTINGS = RouterSettings(directory=Path("/run/router"), gateway=GATEWAY, activator=GATEWAY)
HELLO, DEV = FunctionName(name="hello"), FunctionName(name="hello", namespace="dev")
MAP = "/run/router/functions.map"
FREE = ServerState(endpoint=None, enabled=False, up=False)
FIXED = ServerState(endpoint=GATEWAY, enabled=True, up=True)


def _live(endpoint: Endpoint) -> ServerState:
    return ServerState(endpoint=endpoint, enabled=True, up=True)


def _found(entries: dict[str, str], live: dict[Slot, ServerState]) -> Found:
    fixed = {("gateway", "gateway"): FIXED, ("activator", "activator"): FIXED}
    return Found(
        entries=entries, servers={**dict.fromkeys(all_slots(SHAPE), FREE), **fixed, **live}
    )


def _layout(functions: dict[FunctionName, str], live: dict[Slot, Endpoint]) -> Layout:
    return Layout(shape=SHAPE, functions=functions, live=live)


def test_deploy_fills_the_slot_before_the_name_is_mapped() -> None:
    layout = _layout({HELLO: "f000"}, {("f000", "r1"): ONE})
    assert decide_commands(SETTINGS, _found({}, {}), layout) == [
        "set server f000/r1 addr 10.62.0.2 port 2",
        "set server f000/r1 state ready",
        f"add map {MAP} hello.openfaas-fn f000",
        f"add map {MAP} hello f000",
    ]


def test_delete_unmaps_the_name_before_the_slot_goes() -> None:
    found = _found({"hello.dev": "f000"}, {("f000", "r1"): _live(ONE)})
    assert decide_commands(SETTINGS, found, _layout({}, {})) == [
        f"del map {MAP} hello.dev",
        "set server f000/r1 state maint",
    ]


def test_update_brings_the_new_replica_in_before_the_old_one_goes() -> None:
    found = _found({"hello.dev": "f000"}, {("f000", "r1"): _live(ONE)})
    commands = decide_commands(SETTINGS, found, _layout({DEV: "f000"}, {("f000", "r2"): TWO}))
    assert commands[1:] == ["set server f000/r2 state ready", "set server f000/r1 state maint"]


def test_gateway_and_activator_are_moved() -> None:
    found = _found({}, {("gateway", "gateway"): _live(ONE), ("activator", "activator"): _live(ONE)})
    assert decide_commands(SETTINGS, found, _layout({}, {})) == [
        "set server gateway/gateway addr 10.62.0.2 port 1",
        "set server activator/activator addr 10.62.0.2 port 1",
    ]


@given(st.booleans(), st.booleans())
def test_what_is_as_wanted_is_told_nothing(mapped: bool, live: bool) -> None:  # noqa: FBT001
    functions = {DEV: "f000"} if mapped else {}
    slots = {("f000", "r1"): ONE} if live else {}
    found = _found(dict(map_entries(functions)), {slot: _live(at) for slot, at in slots.items()})
    assert decide_commands(SETTINGS, found, _layout(functions, slots)) == []


def test_shape_and_holders_are_read_from_haproxy() -> None:
    found = _found({"hello": "f001", "hello.dev": "f000", "-/..": "f000"}, {})
    assert found_shape(found) == SHAPE
    assert found_functions(found) == {HELLO: "f001", DEV: "f000"}


def test_missing_slots_are_seen() -> None:
    assert not lacks_slots(_found({}, {}), SHAPE)
    assert lacks_slots(_found({}, {}), Shape(backends=4, slots=2))
