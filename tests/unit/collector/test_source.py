"""Names of FIFOs."""

import pytest

from faasd.collector.source import Source


def test_a_pipe_says_who_prints_into_it() -> None:
    source = Source.find_in("openfaas-fn:echo:echo.1.0:stderr")

    assert source == Source(
        namespace="openfaas-fn", name="echo", instance="echo.1.0", stream="stderr"
    )
    assert source.identifier == "openfaas-fn:echo"


@pytest.mark.parametrize(
    "name",
    ["", "a:b:c", "a:b:c:stdin", "a:b:c:stdout:e", ":b:c:stdout", "..:b:c:stdout", "a:.b:c:stdout"],
)
def test_what_is_no_pipe_of_the_node_is_left_alone(name: str) -> None:
    assert Source.find_in(name) is None
