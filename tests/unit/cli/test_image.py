import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.cli.image import render_size
from faasd.node.domain.image import Image, ImageConfig, Platform
from faasd.node.domain.pruning import list_replaceable, list_unused

CONFIG = ImageConfig(platform=Platform(architecture="amd64"), diff_ids=())


def image(name: str, source: str = "sha256:1") -> Image:
    return Image(name=name, digest="sha256:2", config=CONFIG, chain_id="", source_digest=source)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (3_565_158, "3.4 MiB"), (2**40, "1.0 TiB")],
)
def test_a_size_is_written_for_people(size: int, text: str) -> None:
    assert render_size(size) == text


@given(st.integers(0, 2**60))
def test_whatever_the_size_it_has_a_unit(size: int) -> None:
    assert len(render_size(size).split()) == 2


def test_what_a_function_or_a_container_uses_is_not_unused() -> None:
    held = [image("docker.io/library/a:1"), image("docker.io/library/b:1")]

    assert list_unused(held, {"docker.io/library/a:1"}) == held[1:]


def test_what_came_from_a_file_is_not_replaceable() -> None:
    pulled, loaded = image("docker.io/library/a:1"), image("localhost/b:1", source="")

    assert list_replaceable([pulled, loaded]) == [pulled]
