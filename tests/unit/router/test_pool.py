"""Who holds which backend, and which replica which slot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import NoRoom
from faasd.router.layout import lay_out, newcomers_backends
from faasd.router.pool import Shape, backend_names, grown, make_pool, reassign, slot_names
from faasd.router.wanted import Endpoint, FunctionName

SHAPE = Shape(backends=8, slots=2)
FUNCTIONS = st.sets(st.sampled_from([FunctionName(name=f"fn{number}") for number in range(8)]))
ONE, TWO, THREE = (Endpoint(address="10.62.0.2", port=port) for port in (1, 2, 3))
HELLO = FunctionName(name="hello")


@given(st.lists(FUNCTIONS))
def test_each_function_holds_one_backend_of_its_own_and_keeps_it(
    wishes: list[set[FunctionName]],
) -> None:
    pool = make_pool(SHAPE, {})
    for wish in wishes:
        after = reassign(pool, wish)
        assert after.held.keys() == wish
        assert all(after.held[f] == pool.held[f] for f in wish & pool.held.keys())
        assert sorted([*after.held.values(), *after.free]) == list(backend_names(SHAPE))
        pool = after


def test_released_backend_is_the_last_to_be_taken_again() -> None:
    pool = reassign(make_pool(SHAPE, {}), [HELLO])
    pool = reassign(pool, [])
    assert pool.free[-1] == "f000"


def test_backend_with_requests_of_its_last_holder_is_given_to_nobody() -> None:
    pool = reassign(make_pool(Shape(backends=2), {}), [HELLO], busy=["f000"])
    assert pool.held == {HELLO: "f001"}
    with pytest.raises(NoRoom, match="0 free backends, 1 functions"):
        reassign(pool, [HELLO, FunctionName(name="b")], busy=["f000"])


def test_backend_that_is_not_declared_is_not_held() -> None:
    assert make_pool(SHAPE, {HELLO: "f999"}).held == {}


def test_shape_doubles_until_it_is_enough() -> None:
    assert grown(SHAPE, backends=9, slots=2) == Shape(backends=16, slots=2)
    assert grown(SHAPE, backends=8, slots=7) == Shape(backends=8, slots=8)
    assert grown(SHAPE, backends=0, slots=0) == SHAPE


def test_more_than_a_router_takes_is_refused() -> None:
    with pytest.raises(NoRoom, match="at most 4096 functions and 128 replicas"):
        grown(SHAPE, backends=8, slots=129)


def test_names_are_anonymous_and_in_order() -> None:
    assert backend_names(Shape(backends=2)) == ("f000", "f001")
    assert slot_names(Shape(slots=2)) == ("r1", "r2")


def test_endpoint_stays_in_its_slot_and_a_new_one_takes_the_first_free() -> None:
    pool = reassign(make_pool(Shape(backends=1, slots=3), {}), [HELLO])
    found = {("f000", "r2"): ONE, ("f000", "r3"): THREE}
    layout = lay_out(pool, {HELLO: [TWO, ONE]}, found)
    assert layout.live == {("f000", "r2"): ONE, ("f000", "r1"): TWO}


def test_endpoint_named_twice_has_one_slot() -> None:
    pool = reassign(make_pool(SHAPE, {}), [HELLO])
    assert lay_out(pool, {HELLO: [ONE, ONE]}, {}).live == {("f000", "r1"): ONE}


def test_slot_that_an_endpoint_leaves_now_is_taken_last() -> None:
    pool = reassign(make_pool(Shape(backends=1, slots=3), {}), [HELLO])
    found = {("f000", "r1"): ONE}
    assert lay_out(pool, {HELLO: [TWO]}, found).live == {("f000", "r2"): TWO}
    assert lay_out(pool, {HELLO: [TWO, THREE]}, found).live == {
        ("f000", "r2"): TWO,
        ("f000", "r3"): THREE,
    }


def test_slot_with_requests_of_one_that_left_is_taken_last() -> None:
    pool = reassign(make_pool(Shape(backends=1, slots=2), {}), [HELLO])
    busy = [("f000", "r1")]
    assert lay_out(pool, {HELLO: [TWO]}, {}, busy=busy).live == {("f000", "r2"): TWO}
    assert len(lay_out(pool, {HELLO: [TWO, THREE]}, {}, busy=busy).live) == 2


def test_only_backends_with_an_endpoint_that_has_no_slot_are_asked_for_room() -> None:
    other = FunctionName(name="other")
    pool = reassign(make_pool(SHAPE, {}), [HELLO, other])
    found = {("f000", "r1"): ONE, ("f001", "r1"): TWO}
    assert newcomers_backends(pool, {HELLO: [ONE], other: []}, found) == []
    assert newcomers_backends(pool, {HELLO: [ONE], other: [TWO, THREE]}, found) == ["f001"]
