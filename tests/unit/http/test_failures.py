"""Errors as answers."""

import logging
from collections.abc import Callable

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from faasd.base import errors
from faasd.http.failures import answer_failures
from faasd.http.statuses import STATUSES, status_of


def failing(fail: Callable[[], str]) -> FlaskClient:
    """Return a client of an application of which every path fails."""
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/", view_func=fail, endpoint="fail")
    answer_failures(app)
    return app.test_client()


def raising(error: Exception) -> Callable[[], str]:
    def fail() -> str:
        raise error

    return fail


def kinds() -> set[type[errors.FaasdError]]:
    return set(errors.FaasdError.__subclasses__())


def test_every_error_has_a_status_of_its_own_choosing() -> None:
    assert set(STATUSES) == kinds()
    assert all(400 <= status < 600 and status != 500 for status in STATUSES.values())


@pytest.mark.parametrize("kind", sorted(STATUSES, key=repr))
def test_an_error_is_its_status_and_its_sentence(kind: type[errors.FaasdError]) -> None:
    answer = failing(raising(kind("it cannot be"))).get("/")

    assert answer.status_code == status_of(kind(""))
    assert answer.text == "it cannot be\n"
    assert answer.content_type == "text/plain; charset=utf-8"
    assert ("WWW-Authenticate" in answer.headers) == (kind is errors.Unauthorized)
    assert ("Retry-After" in answer.headers) == (answer.status_code == 503)


def test_an_unexpected_error_tells_an_incident_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = failing(raising(ValueError("the password is x"))).get("/")

    incident = answer.text.split()[-1]
    assert answer.status_code == 500
    assert "password" not in answer.text
    assert incident in caplog.text
    assert "the password is x" in caplog.text


def test_an_error_of_the_framework_keeps_its_headers() -> None:
    client = failing(lambda: abort(404))

    assert client.get("/").text.startswith("Not Found")
    assert "GET" in client.post("/").headers["Allow"]
