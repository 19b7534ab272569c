"""gunicorn's settings (its documentation: settings.html); `faasd provider` adds the addresses.

One worker of threads: the reconciler lives in it. `preload_app` stays off, because neither gRPC
nor threads survive a fork, and because the master is then small.
"""

import gc
import os
import sys
from typing import TYPE_CHECKING

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from faasd.base.notices import take_notices
from provider_app.config import ROUTE_STREAMS, STREAMS, read_config

if TYPE_CHECKING:
    from provider_app.heartbeat import Heartbeat

SWITCH = 0.0005
"""Seconds that a thread may hold the interpreter while another waits for it. Python's own 5 ms add
up where a call waits for a function to wake, and the router is told of another meanwhile."""

_config = read_config(os.environ)
notices = take_notices(os.environ)
"""Taken before gunicorn, which would call itself ready with nothing behind it."""
_heartbeat: "Heartbeat | None" = None

worker_class = "provider_app.gunicorn_worker.PatientWorker"
workers = 1
threads = _config.threads + STREAMS + ROUTE_STREAMS
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


def when_ready(server: Arbiter) -> None:  # noqa: ARG001  # gunicorn's names
    """Keep the collector's hands off what the worker will share with this process."""
    gc.freeze()


def post_worker_init(worker: Worker) -> None:
    """Give the worker its time limits, and have it tell systemd how it is."""
    global _heartbeat  # noqa: PLW0603  # gunicorn has hooks only
    sys.setswitchinterval(SWITCH)
    # What is loaded now stays: nobody needs to look through it, or have it in memory for that.
    gc.freeze()
    worker.socket_timeout = max(_config.read_timeout, _config.write_timeout)
    served = sys.modules.get("provider_app.wsgi")
    if notices and served is not None:
        # Here, in the worker: it needs half of the provider, and the master reads this file, too.
        from provider_app.heartbeat import Heartbeat  # noqa: PLC0415

        _heartbeat = Heartbeat(notices, served.provider.health, _config.port)
        _heartbeat.start()


def worker_exit(server: Arbiter, worker: Worker) -> None:  # noqa: ARG001  # gunicorn's names
    """End the provider while its threads still run: Python joins them before `atexit`."""
    if _heartbeat is not None:
        _heartbeat.close()
    served = sys.modules.get("provider_app.wsgi")
    if served is not None:
        served.provider.close()
