from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import InvalidInput
from faasd.base.quantities import parse_cpu, parse_memory

UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


@given(st.integers(1, 10**6), st.sampled_from(sorted(UNITS)))
def test_memory_is_the_number_times_its_unit(number: int, unit: str) -> None:
    assert parse_memory(f"{number}{unit}", field="limits.memory") == number * UNITS[unit]


@pytest.mark.parametrize(
    ("text", "millis"), [("100m", 100), ("1", 1000), ("0.5", 500), ("2", 2000), ("1e3m", None)]
)
def test_cpu_is_thousandths_of_a_core(text: str, millis: int | None) -> None:
    if millis is None:
        with pytest.raises(InvalidInput):
            parse_cpu(text, field="limits.cpu")
    else:
        assert parse_cpu(text, field="limits.cpu") == millis


@given(st.decimals("0.001", "999", places=3))
def test_fractions_are_rounded_up_to_a_byte(number: Decimal) -> None:
    assert 0 <= parse_memory(f"{number}Ki", field="x") - number * 1024 < 1


def test_exponents_are_understood() -> None:
    assert parse_memory("12e6", field="x") == 12_000_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-1",
        "12 Mi",
        "Mi",
        "1.2.3",
        "1X",
        "0m",
        "1e99",
        "NaN",
        "1" * 40,
        "9999E",
        "\u0661Mi",
    ],
)
def test_what_is_no_quantity_is_refused_naming_the_field(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"limits\.memory"):
        parse_memory(text, field="limits.memory")


@given(st.text(max_size=40))
def test_any_text_is_a_positive_number_or_a_refusal(text: str) -> None:
    try:
        number = parse_memory(text, field="x")
    except InvalidInput:
        return
    assert number > 0
