"""What gunicorn serves: imported in the worker, after the fork that gRPC would not survive.

`gunicorn_settings.worker_exit` closes the provider.
"""

import logging
import os

from faasd.http.basic_auth import read_login
from faasd.node.open import open_node
from provider_app.api.parts import parts_of
from provider_app.app import create_app
from provider_app.config import read_config
from provider_app.services.provider import Provider

logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")

config = read_config(os.environ)
login = read_login(config.login_directory) if config.basic_auth else None
provider = Provider(open_node(config.node), config)

app = create_app(parts_of(provider, login))
