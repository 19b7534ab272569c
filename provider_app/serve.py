"""``python3 -m provider_app.serve``: gunicorn, 5 MB lighter in each of its processes.

gunicorn 20.1 imports pkg_resources for worker classes given as entry points of other packages,
which ours never is. An empty module in its place is all that it needs.
"""

import os
import sys
from types import ModuleType

from faasd.base.errors import InvalidInput
from faasd.http.basic_auth import read_login
from provider_app.config import read_config


def check_settings() -> None:
    """End with a sentence, not with gunicorn's traceback, where a setting is wrong."""
    try:
        config = read_config(os.environ)
        if config.basic_auth:
            read_login(config.login_directory)
    except InvalidInput as error:
        sys.exit(f"faasd provider: {error}")


if __name__ == "__main__":
    check_settings()
    sys.modules.setdefault("pkg_resources", ModuleType("pkg_resources"))

    from gunicorn.app.wsgiapp import WSGIApplication

    from provider_app.gunicorn_arbiter import FrankArbiter

    FrankArbiter(WSGIApplication("")).run()
