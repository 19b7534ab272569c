"""All functions' accounts."""

from faasd.gateway.book import FORGET_AFTER, Book
from faasd.gateway.log_line import Group, Lines, Times
from faasd.router.tally import Classes, FunctionStats
from faasd.router.wanted import FunctionName

ECHO = FunctionName(name="echo")
OTHER = FunctionName(name="other", namespace="dev")


def stats(by_class: Classes = (0, 0, 0, 0, 0)) -> FunctionStats:
    return FunctionStats(by_class=by_class, requests=sum(by_class))


def lines(*told: tuple[bytes, bytes]) -> dict[Group, Times]:
    taken = Lines()
    for name, status in told:
        taken.add(b"request %s %s 3 0 0 0 3 -- 0 f000 r1 id" % (name, status))
    return dict(taken.take())


def test_both_names_of_a_function_are_one() -> None:
    book = Book()
    told = lines((b"echo", b"502"), (b"echo.openfaas-fn", b"502"), (b"other.dev", b"404"))
    book.advance({ECHO: stats((0, 0, 0, 0, 2)), OTHER: stats((0, 0, 0, 1, 0))}, told, {})
    assert book.accounts[ECHO].codes == {502: 2}
    assert book.answered("other.dev") == 1
    assert book.answered("echo.openfaas-fn") == 2


def test_what_is_not_known_has_answered_nothing() -> None:
    assert Book().answered("no such/name") == Book().answered("echo.dev") == 0


def test_a_200_that_was_retried_has_a_line_and_is_still_one_answer() -> None:
    book = Book()
    book.advance({ECHO: stats((0, 1, 0, 0, 0))}, lines((b"echo", b"200")), {})
    assert book.accounts[ECHO].codes == {200: 1}


def test_only_samples_of_200_are_taken() -> None:
    book = Book()
    told = lines((b"echo", b"502"), (b"echo", b"200"))
    book.advance({ECHO: stats((0, 90, 0, 0, 1))}, lines((b"echo", b"502")), told)
    found = book.accounts[ECHO].histograms
    assert {code: histogram.count for code, histogram in found.items()} == {200: 90, 502: 1}


def test_a_function_that_failed_before_it_was_counted_is_told_exactly() -> None:
    book = Book()
    book.advance({}, lines((b"echo", b"503"), (b"made-up", b"503")), {})
    book.advance({ECHO: stats((0, 0, 0, 0, 1))}, {}, {})
    assert book.accounts[ECHO].codes == {503: 1}
    assert book.accounts.keys() == {ECHO}


def test_lines_of_functions_that_never_come_are_let_go() -> None:
    book = Book()
    book.advance({}, lines((b"echo", b"503")), {})
    for _ in range(3):
        book.advance({}, {}, {})
    book.advance({ECHO: stats()}, {}, {})
    assert book.accounts[ECHO].codes == {}


def test_a_function_that_is_gone_is_shown_a_while_and_then_forgotten() -> None:
    book = Book()
    book.advance({ECHO: stats((0, 4, 0, 0, 0))}, {}, {})
    for _ in range(FORGET_AFTER):
        book.advance({}, {}, {})
    assert book.answered("echo") == 4
    book.advance({}, {}, {})
    assert book.accounts == {}


def test_a_function_that_comes_back_goes_on_counting() -> None:
    book = Book()
    book.advance({ECHO: stats((0, 4, 0, 0, 0))}, {}, {})
    book.advance({}, {}, {})
    book.advance({ECHO: stats((0, 6, 0, 0, 0))}, {}, {})
    assert book.answered("echo") == 10


def test_nothing_changes_while_nothing_is_called() -> None:
    book = Book()
    assert book.advance({ECHO: stats((0, 4, 0, 0, 0))}, {}, {})
    assert not book.advance({ECHO: stats((0, 4, 0, 0, 0))}, {}, {})
