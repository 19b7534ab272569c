import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import InvalidInput
from faasd.supervisor.compose.interpolate import interpolate
from faasd.supervisor.compose.where import Where
from tests.unit.supervisor.files import service

WHERE = Where(file="f", service="s", key="image")
SET = {"A": "a", "EMPTY": "", "B_2": "b"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("$A-${A}", "a-a"),
        ("${B_2}$B_2x", "b"),
        ("${GONE}|$GONE", "|"),
        ("$$A $${A} $$$A", "$A ${A} $a"),
        ("${GONE:-d}${EMPTY:-d}${A:-d}", "dda"),
        ("${GONE-d}${EMPTY-d}${A-d}", "da"),
        ("${GONE:+d}${EMPTY:+d}${A:+d}", "d"),
        ("${GONE+d}${EMPTY+d}${A+d}", "dd"),
        ("${GONE:-${A}b}", "ab"),
        ("${GONE:-{x}", "{x"),
        ("${GONE:-:-?}", ":-?"),
        ("${A:?not set}", "a"),
        ("${EMPTY?not set}", ""),
        ("nats${ARCH_SUFFIX:-}:1", "nats:1"),
    ],
)
def test_variables_are_replaced(text: str, expected: str) -> None:
    assert interpolate(text, SET, WHERE) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("${GONE:?set it to x}", "needs the variable GONE: set it to x"),
        ("${EMPTY:?}", "needs the variable EMPTY: it is not set"),
        ("${A", "not closed"),
        ("${}", "which is no variable"),
        ("${A!}", "which is no variable"),
        ("${1}", "which is no variable"),
        ("5$", "write '\\$\\$'"),
        ("$1", "write '\\$\\$'"),
        ("${X:-" * 12 + "$A" + "}" * 12, "begins no variable"),
    ],
)
def test_what_is_no_variable_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=f"f: service s: image .*{said}"):
        interpolate(text, SET, WHERE)


@given(st.text())
def test_text_with_doubled_dollars_comes_out_as_it_was(text: str) -> None:
    assert interpolate(text.replace("$", "$$"), {}, WHERE) == text


@given(st.text())
def test_a_value_is_never_interpolated_again(value: str) -> None:
    assert interpolate("${V}", {"V": value}, WHERE) == value


@given(st.text(alphabet="${}:-?+AB_ "))
def test_any_text_is_interpolated_or_refused(text: str) -> None:
    said = "f: service s: image "
    try:
        interpolate(text, SET, WHERE)
    except InvalidInput as error:
        said = str(error)

    assert said.startswith("f: service s: image ")


def test_values_are_interpolated_but_keys_are_not() -> None:
    found = service("environment: {$A: $A}", {"A": "1"})

    assert found.environment == {"$A": "1"}
