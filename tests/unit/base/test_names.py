import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import InvalidInput
from faasd.base.names import MAX_CONTAINER_ID, check_dns_label, check_secret_name, container_id

LABELS = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)
CONTAINERD_IDENTIFIER = re.compile(r"[A-Za-z0-9]+(?:[._-](?:[A-Za-z0-9]+))*")


@given(LABELS)
def test_every_dns_label_is_taken_as_it_is(label: str) -> None:
    assert check_dns_label(label, field="service") == label


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "A", "a.b", "a_b", "ü", "a" * 64, "a\n", "../etc", "a b", "a\0"]
)
def test_what_is_no_dns_label_is_refused_naming_the_field(name: str) -> None:
    with pytest.raises(InvalidInput, match="service") as refused:
        check_dns_label(name, field="service")

    assert refused.value.field == "service"


@pytest.mark.parametrize("name", ["..", "a/b", "/etc/passwd", "a..b", ".a", "", "a" * 64, "a\0b"])
def test_a_secret_name_never_leaves_its_directory(name: str) -> None:
    with pytest.raises(InvalidInput):
        check_secret_name(name)


@pytest.mark.parametrize("name", ["api-key", "Token", "tls.crt", "a_b", "0"])
def test_usual_secret_names_are_taken(name: str) -> None:
    assert check_secret_name(name) == name


def test_container_id_is_name_generation_replica() -> None:
    assert container_id("echo", 12, 0) == "echo.12.0"


@given(LABELS, st.integers(0, 10**9), st.integers(0, 999))
def test_container_id_is_always_one_that_containerd_takes(
    name: str, generation: int, replica: int
) -> None:
    made = container_id(name, generation, replica)

    assert len(made) <= MAX_CONTAINER_ID
    assert CONTAINERD_IDENTIFIER.fullmatch(made)


@given(LABELS, LABELS, st.integers(0, 99))
def test_container_ids_of_different_names_differ(one: str, other: str, number: int) -> None:
    assert (container_id(one, number, 0) == container_id(other, number, 0)) == (one == other)
