import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import InvalidInput
from faasd.supervisor.compose.units import as_bytes, as_seconds
from faasd.supervisor.compose.where import Where

WHERE = Where(file="f", key="k")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10), ("1m30s", 90), ("1.5h", 5400), ("500ms", 0.5), ("2us", 2e-6), ("0s", 0)],
)
def test_durations_are_gos(text: str, seconds: float) -> None:
    assert as_seconds(text, WHERE) == seconds


@pytest.mark.parametrize("text", ["", "10", "s", "-1s", "1 s", "1s2", "1d", "٣s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="f: k "):
        as_seconds(text, WHERE)


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59))
def test_durations_add_their_parts_up(hours: int, minutes: int, seconds: int) -> None:
    found = as_seconds(f"{hours}h{minutes}m{seconds}s", WHERE)

    assert found == hours * 3600 + minutes * 60 + seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [("1", 1), ("1b", 1), ("2k", 2048), ("2KB", 2048), ("64MiB", 2**26), ("1.5g", 3 * 2**29)],
)
def test_sizes_are_powers_of_1024(text: str, size: int) -> None:
    assert as_bytes(text, WHERE) == size


@pytest.mark.parametrize("text", ["", "0", "-1m", "m", "1x", "1mm", "9" * 15 + "t"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="f: k "):
        as_bytes(text, WHERE)
