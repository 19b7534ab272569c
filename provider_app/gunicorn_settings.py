"""gunicorn's settings (its documentation: settings.html); `faasd provider` adds the addresses.

One worker of threads: the reconciler lives in it. `preload_app` stays off, because neither gRPC
nor threads survive a fork, and because the master is then small.
"""

import os

from provider_app.config import read_config

_config = read_config(os.environ)

worker_class = "gthread"
workers = 1
threads = _config.threads
preload_app = False
timeout = 120
graceful_timeout = 30
keepalive = 75
worker_tmp_dir = "/dev/shm"  # noqa: S108  # a heartbeat there writes to no SD card
limit_request_line = 8190
limit_request_fields = 100
accesslog = None
errorlog = "-"
loglevel = "info"
