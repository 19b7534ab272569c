"""The Flask application."""

from flask import Flask, request

from faasd.base.errors import Unauthorized
from faasd.http.failures import answer_failures
from provider_app.api import functions, invoke, secrets, system
from provider_app.api.parts import KEY, Parts, parts

PROTECTED = "/system/"


def create_app(made_of: Parts) -> Flask:
    """Return the application over these parts."""
    app = Flask(__name__, static_folder=None)
    app.extensions[KEY] = made_of
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.before_request(_check_login)
    for module in (system, functions, secrets, invoke):
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
