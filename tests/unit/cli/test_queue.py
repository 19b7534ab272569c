"""`faasd queue`: tables, and where the worker is found."""

import http.server
import json
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from faasd.base.errors import FaasdError, Unavailable
from faasd.cli.queue import list_numbers, render_dead, render_overview
from faasd.cli.queue_api import QueueApi, find_address

LETTER: dict[str, object] = {
    "number": 7,
    "key": "echo.openfaas-fn",
    "call_id": "abc",
    "size": 12,
    "death": {"reason": "the function\nanswered 503", "status": 503, "tries": 5, "died": 0.0},
}


class _Worker(http.server.BaseHTTPRequestHandler):
    """Has 1500 dead letters; refuses to act on those with an even number."""

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        after, limit = int(query["after"][0]), int(query["limit"][0])
        page = range(after + 1, min(after + limit, 1500) + 1)
        self._answer(200, [LETTER | {"number": number} for number in page])

    def do_POST(self) -> None:
        numbers = [int(text) for text in parse_qs(urlsplit(self.path).query)["number"]]
        if self.headers["Authorization"] != "Basic YTpi":
            return self._answer(401, "who are you")
        odd = [number for number in numbers if number % 2]
        refused = [f"{number}: no" for number in numbers if not number % 2]
        return self._answer(200, {"done": odd, "refused": refused})

    def _answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Keep quiet."""


@pytest.fixture
def api() -> Iterator[QueueApi]:
    with http.server.HTTPServer(("127.0.0.1", 0), _Worker) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield QueueApi(address="127.0.0.1", login="a:b", port=server.server_port)
        server.shutdown()
        thread.join()


def test_the_status_shows_each_function_and_the_sum() -> None:
    line = {"key": "echo.openfaas-fn", "waiting": 3, "in_flight": 2, "dead": 1}
    seen = {"pending": 5, "dead": 1, "size": 1048576, "size_most": 536870912, "functions": [line]}

    text = render_overview(seen)

    assert text.splitlines()[1].split() == ["echo.openfaas-fn", "3", "2", "1"]
    assert text.splitlines()[-1] == "5 in the queue, 1 dead; 1.0 of 512.0 MiB used"


def test_an_empty_queue_is_one_line() -> None:
    seen = {"pending": 0, "dead": 0, "size": 0, "size_most": 1048576, "functions": []}
    assert render_overview(seen) == "0 in the queue, 0 dead; 0.0 of 1.0 MiB used"


def test_a_dead_letter_is_one_line_with_its_reason() -> None:
    _, row = render_dead([LETTER]).splitlines()
    assert row.split()[:5] == ["7", "echo.openfaas-fn", "abc", "12", "5"]
    assert row.endswith("1970-01-01 00:00:00Z  the function answered 503")
    assert render_dead([]) == "no dead letters"


@pytest.mark.parametrize(
    ("hosts", "address"),
    [
        ("127.0.0.1 localhost\n10.62.0.7\tqueue-worker\n", "10.62.0.7"),
        ("10.62.0.7 nats queue-worker # x\n", "10.62.0.7"),
        ("10.62.0.7 my-queue-worker\n# 10.62.0.8 queue-worker\n\n", ""),
        ("", ""),
    ],
)
def test_the_worker_is_found_by_its_name_in_the_hosts_file(hosts: str, address: str) -> None:
    assert find_address(hosts) == address


def test_all_dead_letters_are_found_page_by_page(api: QueueApi) -> None:
    assert list_numbers(api) == list(range(1, 1501))


def test_what_was_refused_is_told_beside_what_was_done(api: QueueApi) -> None:
    done, refused = api.act("replay", range(1, 251))

    assert done == 125
    assert refused[0] == "2: no"
    assert len(refused) == 125


def test_an_answer_that_is_no_success_is_told_with_its_sentence(api: QueueApi) -> None:
    stranger = QueueApi(address=api.address, login="x:y", port=api.port)
    with pytest.raises(FaasdError, match=r"answered 401: .*who are you"):
        stranger.act("purge", [1])


def test_a_worker_that_is_not_there_is_told_with_what_to_do() -> None:
    with pytest.raises(Unavailable, match=r"does not answer.*faasd status"):
        QueueApi(address="127.0.0.1", login="a:b", port=9).overview()
