"""Starts and kills the queue's processes; everything is on loopback, in a directory of the test."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.machine.processes import wait_until
from tests.node.queue.receiver import Receiver

START = 20.0
"""Seconds that starting may take on a busy machine."""

SETTLE = 30.0
"""Seconds in which what has to happen happens."""

ECHO, OTHER = "echo.openfaas-fn", "other.dev"
LOGIN = "admin:secret"


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass
class Process:
    """A program that can be started again after it was killed."""

    command: list[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": "distro:.", **self.environment}
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.command, stdout=log, stderr=log, env=environment, cwd=Path.cwd()
            )

    def kill(self) -> None:
        """kill -9."""
        if self.running:
            self.running.kill()
            self.running.wait(10)

    def stop(self) -> int:
        """SIGTERM; return how it ended."""
        assert self.running
        self.running.terminate()
        return self.running.wait(20)

    def signal(self, number: int) -> None:
        assert self.running
        self.running.send_signal(number)

    @property
    def pid(self) -> int:
        assert self.running
        return self.running.pid


class RunningQueue:
    """NATS, a gateway that accepts, a worker, and what they call."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.directory = directory
        self.receiver = Receiver().start()
        self.nats_port, self.gateway_port, self.worker_port = (free_port() for _ in range(3))
        (directory / "basic-auth-user").write_text("admin")
        (directory / "basic-auth-password").write_text("secret")
        environment = {
            "nats_url": f"nats://127.0.0.1:{self.nats_port}",
            "gateway_url": self.receiver.url,
            "bind_host": "127.0.0.1",
            "port": str(self.worker_port),
            "ack_wait": "1s",
            "retry_first_wait": "50ms",
            "secret_mount_path": str(directory),
            **settings,
        }
        python = [sys.executable, "-m"]
        store = str(directory / "nats")
        self.nats = self._process(
            "nats",
            ["nats-server", "-js", "-sd", store, "-a", "127.0.0.1", "-p", str(self.nats_port)],
        )
        self.gateway = self._process(
            "gateway",
            [*python, "tests.node.queue.accepting", str(self.gateway_port), ECHO, OTHER],
            environment,
        )
        self.worker = self._process("worker", [*python, "faasd.queue_worker"], environment)

    def _process(
        self, name: str, command: list[str], environment: Mapping[str, str] | None = None
    ) -> Process:
        return Process(command, self.directory / f"{name}.log", environment or {})

    def start(self) -> "RunningQueue":
        """Start everything, and wait until calls are accepted and worked off."""
        for process in (self.nats, self.gateway, self.worker):
            process.start()
        self.wait_accepting()
        self.wait_working()
        return self

    def close(self) -> None:
        for process in (self.worker, self.gateway, self.nats):
            process.kill()
        self.receiver.close()

    def forget(self) -> "RunningQueue":
        """Begin anew for another test, once the last one's calls are done."""
        self.wait_empty()
        self.receiver.forget()
        return self

    def restart_worker_with(self, **settings: str) -> None:
        """End the worker, and start it with other settings."""
        assert self.worker.stop() == 0
        self.worker.environment = {**self.worker.environment, **settings}
        self.worker.start()
        self.wait_working()

    def lose_files(self) -> None:
        """Take away what NATS has written down."""
        shutil.rmtree(self.directory / "nats")

    @contextmanager
    def keeping_messages(self) -> Iterator[None]:
        """Bring back afterwards the messages of now, as a NATS killed at the wrong moment does."""
        [messages] = self.directory.glob("nats/jetstream/*/streams/faasd_async/msgs")
        kept = self.directory / "kept"
        shutil.copytree(messages, kept)
        yield
        self.nats.stop()
        shutil.rmtree(messages)
        kept.rename(messages)
        self.nats.start()

    def wait_accepting(self) -> None:
        """Wait until the gateway has its stream: a call of nothing is refused for that alone."""
        wait_until(lambda: self._status_of_probe() == 202, START, "the gateway accepts")

    def wait_working(self) -> None:
        wait_until(lambda: self.metric("faasd_queue_connected") == 1, START, "the worker works")
        wait_until(lambda: self.metric("faasd_queue_pending") == 0, START, "the probe is done")

    def _status_of_probe(self) -> int:
        try:
            return self.call("probe").status
        except (OSError, http.client.HTTPException):
            return 0

    def call(
        self,
        body: bytes | str = b"",
        path: str = f"/async-function/{ECHO}",
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Answer:
        """Ask the gateway."""
        return ask(self.gateway_port, method, path, body, headers)

    def call_in_pieces(self, pieces: list[bytes]) -> Answer:
        """Ask the gateway with a body whose length is not told before."""
        port = self.gateway_port
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            path = f"/async-function/{ECHO}"
            with suppress(BrokenPipeError, ConnectionResetError):  # refused before it was sent
                connection.request("POST", path, iter(pieces), encode_chunked=True)
            answer = connection.getresponse()
            return Answer(answer.status, answer.msg, answer.read())

    def publish(self, subject: str, text: str) -> None:
        """Send a message past the gateway, in NATS' own words."""
        with socket.create_connection(("127.0.0.1", self.nats_port), timeout=10) as plug:
            plug.sendall(
                b'CONNECT {"verbose":false}\r\n'
                + f"PUB {subject} {len(text)}\r\n{text}\r\nPING\r\n".encode()
            )
            heard = b""
            while b"PONG" not in heard:
                heard += plug.recv(4096)

    def memory_of_worker(self) -> int:
        """Return the bytes of its memory that are resident."""
        status = Path(f"/proc/{self.worker.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def ask_worker(self, method: str, path: str, login: str = LOGIN) -> Answer:
        """Ask the worker's own API."""
        token = b64encode(login.encode()).decode()
        return ask(self.worker_port, method, path, headers={"Authorization": f"Basic {token}"})

    def metric(self, name: str) -> float:
        """Return the sum of a metric over its labels; -1 where the worker does not answer."""
        try:
            text = ask(self.worker_port, "GET", "/metrics").body.decode()
        except (OSError, http.client.HTTPException):
            return -1
        lines = [line for line in text.splitlines() if line.startswith((f"{name} ", f"{name}{{"))]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def overview(self) -> dict[str, object]:
        answer = self.ask_worker("GET", "/queue")
        assert answer.status == 200, answer.body
        found = json.loads(answer.body)
        assert isinstance(found, dict)
        return found

    def wait_dead(self, count: int) -> list[dict[str, object]]:
        """Wait for so many dead letters and return them."""
        wait_until(lambda: self.metric("faasd_queue_dead_letters") == count, SETTLE, "dead letters")
        found = json.loads(self.ask_worker("GET", "/dead").body)
        assert isinstance(found, list)
        return found

    def wait_empty(self, seconds: float = SETTLE) -> None:
        wait_until(lambda: self.metric("faasd_queue_pending") == 0, seconds, "an empty queue")

    def bodies(self, path: str = f"/function/{ECHO}") -> list[str]:
        """Return what the function was called with, probes left out."""
        found = [one.body.decode(errors="replace") for one in self.receiver.at(path)]
        return [body for body in found if body != "probe"]


def ask(
    port: int,
    method: str,
    path: str,
    body: bytes | str = b"",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Make one request on loopback."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, answer.msg, answer.read())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
