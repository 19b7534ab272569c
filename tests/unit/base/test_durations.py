import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.durations import parse_duration
from faasd.base.errors import InvalidInput

UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
PARTS = st.lists(st.tuples(st.integers(0, 9999), st.sampled_from(sorted(UNITS))), min_size=1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("65s", 65), ("5m5s", 305), ("1h2m0.5s", 3720.5), ("500ms", 0.5), (".5s", 0.5), ("0", 0)],
)
def test_a_duration_is_read_as_go_reads_it(text: str, seconds: float) -> None:
    assert parse_duration(text, field="read_timeout") == pytest.approx(seconds)


def test_a_bare_number_is_seconds() -> None:
    assert parse_duration("30", field="read_timeout") == 30


@given(PARTS.map(lambda parts: parts[:5]))
def test_parts_add_up(parts: list[tuple[int, str]]) -> None:
    text = "".join(f"{number}{unit}" for number, unit in parts)

    expected = sum(number * UNITS[unit] for number, unit in parts)
    assert parse_duration(text, field="x") == pytest.approx(expected)


@pytest.mark.parametrize(
    "text", ["", "s", "5.5", "-5s", "+5s", "5 s", "5d", "1e3s", "5s ", "\u0665s", "9" * 41, "NaN"]
)
def test_what_is_no_duration_is_refused_naming_the_field(text: str) -> None:
    with pytest.raises(InvalidInput, match="write_timeout"):
        parse_duration(text, field="write_timeout")


@given(st.text(max_size=60))
def test_any_text_is_seconds_or_a_refusal(text: str) -> None:
    try:
        seconds = parse_duration(text, field="x")
    except InvalidInput:
        return
    assert 0 <= seconds < float("inf")
