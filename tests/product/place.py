"""A whole node: core services from their images, the front door, and who calls it."""

import http.server
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.e2e.client import Client
from tests.e2e.machine import REPOSITORY, Machine
from tests.machine.core_images import provide_core_images
from tests.machine.processes import wait_until

FRONT = 8080
SERVICES = ("gateway", "nats", "prometheus", "queue-worker", "router")
CORE = "openfaas"
FUNCTIONS = "openfaas-fn"
CORE_IMAGES = Path("/var/lib/faasd/core-images")
STATIC = "localhost/static:latest"
ECHO = "localhost/echo:latest"
UP = 60.0
"""Seconds for all core services to be healthy, images unpacked in that time, too."""


@dataclass
class Product(Machine):
    """A machine on which `faasd up` runs the core services."""

    programs: tuple[str, ...] = ("up", "provider")

    def prepare(self) -> None:
        """Do what install.sh does: images of core services and samples, settings, programs."""
        self.install()
        provide_core_images(CORE_IMAGES)
        self.start()
        for sample in ("static", "echo"):
            archive = self.directory / f"{sample}.tar"
            build = REPOSITORY / "distro/functions/build.sh"
            subprocess.run([str(build), sample, str(archive)], check=True, timeout=120)
            self.run("faasd", "image", "load", str(archive))
        self.wait_up()

    def wait_up(self, seconds: float = UP) -> float:
        """Wait until every core service is healthy and the front door answers."""
        return wait_until(self.is_whole, seconds, f"all services up\n{self.tail(80)}")

    def is_whole(self) -> bool:
        """Tell whether every core service runs and the front door answers."""
        return set(self.service_pids()) == set(SERVICES) and is_up(self.front())

    def front(self) -> Client:
        """Return a caller of the front door with the generated password."""
        return self.client(FRONT)

    def service_pids(self) -> dict[str, int]:
        """Return the process of each core service that runs."""
        lines = self.containerd.ctr("tasks", "ls", namespace=CORE).splitlines()[1:]
        rows = (line.split() for line in lines)
        return {name: int(pid) for name, pid, state, *_ in rows if state == "RUNNING"}

    def kill_service(self, name: str) -> None:
        """kill -9 the first process of a core service."""
        os.kill(self.service_pids()[name], signal.SIGKILL)

    def tell_of_queue(self) -> str:
        """Return what the node says of its queue, for a test that waits in vain."""
        asked = (
            ("queue", "status"),
            ("queue", "dead"),
            ("service", "list"),
            ("service", "logs", "queue-worker", "--tail", "50"),
            ("service", "logs", "nats", "--tail", "20"),
        )
        answers = [
            subprocess.run(
                ["/usr/bin/faasd", *words], capture_output=True, text=True, timeout=60, check=False
            )
            for words in asked
        ]
        return "\n".join(f"{answer.args}\n{answer.stdout}{answer.stderr}" for answer in answers)

    def restarted(self, name: str, before: int) -> bool:
        """Tell whether a core service runs as another process than `before`."""
        return self.service_pids().get(name, before) != before


def is_up(client: Client) -> bool:
    """Tell whether the API answers behind the front door."""
    try:
        return client.call("GET", "/system/functions").status == 200
    except OSError:
        return False


@dataclass
class Load:
    """What a constant load saw."""

    requests: int = 0
    failed: list[str] = field(default_factory=list)


@contextmanager
def load(client_of: Callable[[], Client], name: str, threads: int = 4) -> Iterator[Load]:
    """Call a function all the time while the block runs."""
    seen, stop = Load(), threading.Event()
    lock = threading.Lock()

    def call() -> None:
        client = client_of()
        while not stop.is_set():
            try:
                status = client.invoke(name).status
                problem = "" if status == 200 else str(status)
            except OSError as error:
                problem = repr(error)
            with lock:
                seen.requests += 1
                if problem:
                    seen.failed.append(problem)

    callers = [threading.Thread(target=call) for _ in range(threads)]
    for caller in callers:
        caller.start()
    try:
        yield seen
    finally:
        stop.set()
        for caller in callers:
            caller.join(60)


def listed(client: Client, name: str) -> dict[str, object]:
    """Return a function as the list has it."""
    answer = client.call("GET", "/system/functions")
    assert answer.status == 200, answer.text
    return next(one for one in answer.json if one["name"] == name)


class Callbacks:
    """Where results of asynchronous calls are posted to."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []
        seen = self.seen

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                seen.append({**{k.lower(): v for k, v in self.headers.items()}, "": body.decode()})
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("10.62.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="callbacks")

    @property
    def url(self) -> str:
        """Where it listens: on the bridge, where core services reach it."""
        return f"http://10.62.0.1:{self._server.server_port}/done"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def as_json(text: str) -> dict[str, object]:
    """Return the JSON object of a text."""
    found = json.loads(text)
    assert isinstance(found, dict)
    return found
