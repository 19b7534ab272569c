"""The Flask application."""

from flask import Flask, request
from werkzeug.routing import BaseConverter, Map

from faasd.base.errors import Unauthorized
from faasd.http.failures import answer_failures
from provider_app.api import functions, invoke, logs, metrics, namespaces, routes, secrets, system
from provider_app.api.parts import KEY, Parts, parts

PROTECTED = "/system/"


class _AnyPath(BaseConverter):
    """The rest of a path, which may begin with a slash."""

    regex = ".*?"
    part_isolating = False


class _Routes(Map):
    """Routes that redirect nobody: a function's path is the function's."""

    def __init__(self) -> None:
        super().__init__(strict_slashes=False, merge_slashes=False)
        self.converters["any_path"] = _AnyPath


class _Application(Flask):
    url_map_class: type[Map] = _Routes


def create_app(made_of: Parts) -> Flask:
    """Return the application over these parts."""
    app = _Application(__name__, static_folder=None)
    app.extensions[KEY] = made_of
    metrics.count_requests(app)
    app.before_request(_check_login)
    for module in (system, metrics, functions, secrets, logs, namespaces, routes, invoke):
        app.register_blueprint(module.blueprint)
    answer_failures(app)
    return app


def _check_login() -> None:
    """Ask for the login below ``/system/``, before anything else is said about a path there."""
    login = parts().login
    if login is None or not request.path.startswith(PROTECTED):
        return
    if not login.admits(request.headers.get("Authorization")):
        raise Unauthorized("the login is missing or wrong")
