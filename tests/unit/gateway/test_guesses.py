"""How wrong guesses are remembered."""

import pytest

from faasd.gateway.guesses import MOST_ADDRESSES, Guesses


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guesses(clock: Clock) -> Guesses:
    return Guesses(most=2, clock=clock)


def test_an_address_waits_until_its_first_guess_is_a_minute_old(
    guesses: Guesses, clock: Clock
) -> None:
    guesses.note("192.0.2.1")
    assert guesses.wait_seconds("192.0.2.1") == 0
    clock.now = 20
    guesses.note("192.0.2.1")
    assert guesses.wait_seconds("192.0.2.1") == 40
    clock.now = 60
    assert guesses.wait_seconds("192.0.2.1") == 0
    guesses.note("192.0.2.1")
    assert guesses.wait_seconds("192.0.2.1") == 20


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8::1", "2001:db8::ffff:1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("x", "x")],
)
def test_addresses_of_one_owner_are_one(guesses: Guesses, one: str, other: str) -> None:
    guesses.note(one)
    guesses.note(other)
    assert guesses.wait_seconds(one) > 0


def test_other_networks_are_not_concerned(guesses: Guesses) -> None:
    for _ in range(2):
        guesses.note("2001:db8::1")
    assert guesses.wait_seconds("2001:db8:0:1::1") == 0


def test_many_addresses_do_not_fill_the_memory(guesses: Guesses) -> None:
    for number in range(MOST_ADDRESSES + 100):
        guesses.note(f"10.0.{number // 256}.{number % 256}")
    assert len(guesses) == MOST_ADDRESSES
