"""Names of what prints, before its lines are looked for."""

from collections.abc import Collection
from pathlib import Path

import pytest

from faasd.base.errors import NotFound, Unavailable
from faasd.cli.known import check_printer

SERVICES = ("nats", "router")


def nobody_to_ask(namespace: str) -> Collection[str]:
    raise Unavailable(f"nobody tells of {namespace}")


def check(namespace: str, name: str, logs: Path) -> None:
    functions = {"openfaas-fn": ("echo", "env")}
    check_printer(namespace, name, logs, lambda space: functions.get(space, ()), SERVICES)


@pytest.mark.parametrize(
    ("namespace", "name"), [("openfaas-fn", "echo"), ("openfaas", "nats"), ("openfaas", "router")]
)
def test_what_there_is_is_known_also_before_it_prints(
    tmp_path: Path, namespace: str, name: str
) -> None:
    check(namespace, name, tmp_path)


@pytest.mark.parametrize(
    ("namespace", "name", "said"),
    [
        ("openfaas-fn", "nope", "no function nope in namespace openfaas-fn.*: echo, env;"),
        ("openfaas-fn", "nope", "core services: nats, router$"),
        ("other", "echo", "no function echo in namespace other.*there: none;"),
        ("openfaas", "nope", "no core service nope; there are: nats, router$"),
    ],
)
def test_an_unknown_name_is_an_error_that_says_what_there_is(
    tmp_path: Path, namespace: str, name: str, said: str
) -> None:
    with pytest.raises(NotFound, match=said):
        check(namespace, name, tmp_path)


def test_what_is_gone_is_known_by_what_it_printed(tmp_path: Path) -> None:
    (tmp_path / "openfaas-fn").mkdir()
    (tmp_path / "openfaas-fn/gone.log.1").write_text("")

    check_printer("openfaas-fn", "gone", tmp_path, nobody_to_ask, SERVICES)


def test_a_provider_that_does_not_answer_is_no_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        check_printer("openfaas-fn", "echo", tmp_path, nobody_to_ask, SERVICES)
