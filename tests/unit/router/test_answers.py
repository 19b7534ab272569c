"""What the runtime socket says, understood."""

import pytest

from faasd.base.errors import InvalidInput, Unavailable
from faasd.router.answers import parse_map, parse_servers, parse_stats, parse_worker
from faasd.router.runtime import PIECE, pieces
from faasd.router.wanted import Endpoint, FunctionName, parse_function_name

LINE = "9 f000 1 r1 {address} {op} {admin} 1 1 65 1 0 2 0 0 0 0 - {port} - 0 0 - - 0\n"


def _servers(address: str, port: int, *, admin: int, op: int = 2) -> str:
    return "1\n# be_id be_name\n" + LINE.format(address=address, port=port, admin=admin, op=op)


@pytest.mark.parametrize(
    ("admin", "op", "enabled", "up"),
    [(0, 2, True, True), (5, 0, False, False), (0, 0, True, False)],
)
def test_server_is_read_with_its_state(admin: int, op: int, enabled: bool, up: bool) -> None:  # noqa: FBT001
    state = parse_servers(_servers("10.62.0.5", 8080, admin=admin, op=op))["f000", "r1"]
    assert state.endpoint == Endpoint(address="10.62.0.5", port=8080)
    assert (state.enabled, state.up) == (enabled, up)


def test_slot_that_was_never_filled_has_no_endpoint() -> None:
    assert parse_servers(_servers("0.0.0.0", 0, admin=5))["f000", "r1"].endpoint is None


@pytest.mark.parametrize("text", ["", "2\n", "1\n9 f000\n"])
def test_unknown_format_is_told(text: str) -> None:
    with pytest.raises(Unavailable, match="show servers state"):
        parse_servers(text)


def test_map_is_read() -> None:
    assert parse_map("0x1 hello f000\n0x2 hello.dev f001\n\n") == {
        "hello": "f000",
        "hello.dev": "f001",
    }


def test_stats_are_read_by_the_names_of_their_columns() -> None:
    head = "# pxname,svname,scur,qcur,rate,stot,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,\n"
    rows = "front,FRONTEND,1,,,,,,,,,\nf000,BACKEND,1,2,3,15,1,2,3,4,5,\n"
    (row,) = parse_stats(head + rows)
    assert (row.backend, row.current, row.queued, row.rate, row.requests) == ("f000", 1, 2, 3, 15)
    assert row.by_class == (1, 2, 3, 4, 5)


def test_worker_is_one_of_its_kind() -> None:
    worker = parse_worker("Name: HAProxy\nPid: 7\nStart_time_sec: 9\ndescription: abc\n")
    assert (str(worker), worker.settings) == ("7@9", "abc")
    with pytest.raises(Unavailable, match="Pid"):
        parse_worker("Unknown command")


def test_commands_go_in_pieces_that_fit_and_in_order() -> None:
    commands = [f"set server f{number:03}/r1 state ready" for number in range(1000)]
    parts = list(pieces(commands))
    assert [command for part in parts for command in part] == commands
    assert all(sum(len(command) + 1 for command in part) <= PIECE for part in parts)


def test_function_is_called_by_its_name_alone_in_the_default_namespace_only() -> None:
    assert parse_function_name("hello").keys == ("hello.openfaas-fn", "hello")
    assert parse_function_name("hello.dev") == FunctionName(name="hello", namespace="dev")
    assert parse_function_name("hello.dev").keys == ("hello.dev",)


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a.b.c", "../a", "a b", "a;b", "a\n", "a/b"])
def test_name_that_could_be_a_command_or_a_path_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_function_name(text)


@pytest.mark.parametrize(
    ("address", "port"), [("a", 1), ("::1", 1), ("10.0.0.1;x", 1), ("1.2.3.4", 0)]
)
def test_endpoint_that_is_no_address_is_refused(address: str, port: int) -> None:
    with pytest.raises(InvalidInput):
        Endpoint(address=address, port=port)
