"""A node without containers: the provider in gunicorn, a real HAProxy, the gateway's program."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from faasd.router.runtime import RuntimeSocket
from faasd.router.settings import ACTIVATOR, GATEWAY
from tests.machine.processes import find_children, kill_all, wait_until
from tests.node.router.running import free_port
from tests.unit.gateway.program import Program
from tests.unit.provider.test_gunicorn import Served

SOON = 30.0
IDLE = "1s"
SLEEPY = {"com.openfaas.scale.zero": "true", "com.openfaas.scale.zero-duration": IDLE}
NAMESPACE = "openfaas-fn"


class ScalingNode:
    """All that scales, with functions in memory that answer on loopback."""

    def __init__(self, directory: Path) -> None:
        self.router_dir = directory / "router"
        self.port = free_port()
        self._directory = directory
        (directory / "gateway").mkdir()
        with ExitStack() as undo:
            self.provider = Served(directory, faasd_bridge_address="127.0.0.1", write_timeout="60s")
            undo.callback(self.provider.stop)
            self.start_router()
            undo.callback(self.stop_router)
            self.gateway = Program(
                f"http://127.0.0.1:{self.provider.port}",
                self.router_dir,
                directory / "gateway",
                control_port=GATEWAY.port,
                activator_port=ACTIVATOR.port,
            )
            self.gateway.start()
            undo.callback(self.gateway.stop)
            self._undo = undo.pop_all()

    def close(self) -> None:
        self._undo.close()

    def start_router(self) -> None:
        """Start HAProxy, once the provider has written what to start from."""
        config = self.router_dir / "haproxy.cfg"
        wait_until(config.exists, SOON, "a configuration to start from")
        command = ["haproxy", "-W", "-db", "-S", f"{self.router_dir / 'master.sock'},mode,660"]
        with (self._directory / "haproxy.log").open("ab") as log:
            self._router = subprocess.Popen(
                [*command, "-f", str(config)],
                stdout=log,
                stderr=log,
                env=os.environ | {"ROUTER_BIND": f"127.0.0.1:{self.port}"},
            )
        admin = RuntimeSocket(self.router_dir / "admin.sock")
        wait_until(lambda: _answers(admin), SOON, "HAProxy answers")

    def stop_router(self) -> None:
        """Kill HAProxy, as a crash does."""
        kill_all([self._router.pid, *find_children(self._router.pid)])
        self._router.wait(10)

    def freeze_router(self) -> None:
        """Let HAProxy's counters be out of reach, and nothing else."""
        (self.router_dir / "admin.sock").rename(self.router_dir / "hidden.sock")

    def thaw_router(self) -> None:
        (self.router_dir / "hidden.sock").rename(self.router_dir / "admin.sock")

    def deploy(self, name: str, labels: dict[str, str], image: str = "serve") -> None:
        """Deploy a function and wait until it is ready and routed."""
        body = {"service": name, "image": image, "labels": labels}
        status, said = self.provider.call("POST", "/system/functions", body)
        assert status == 202, said
        if image == "serve":
            wait_until(lambda: self.call(name) == 200, SOON, f"{name} answers")

    def scale(self, name: str, replicas: int) -> None:
        """Do what a person does."""
        path = f"/system/scale-function/{name}"
        status, said = self.provider.call("POST", path, {"replicas": replicas})
        assert status == 202, said

    def replicas(self, name: str) -> int:
        """Return how many replicas are wanted."""
        return int(str(self._status(name)["replicas"]))

    def available(self, name: str) -> int:
        return int(str(self._status(name)["availableReplicas"]))

    def _status(self, name: str) -> dict[str, object]:
        status, said = self.provider.call("GET", f"/system/function/{name}")
        assert status == 200, said
        found = json.loads(said)
        assert isinstance(found, dict)
        return found

    def wait_replicas(self, name: str, number: int, seconds: float = SOON) -> float:
        return wait_until(
            lambda: self.replicas(name) == number,
            seconds,
            f"{name} at {number}, not {self.replicas(name)}\n{self.gateway.log[-2000:]}",
        )

    def call(self, name: str, path: str = "") -> int:
        """Call a function through the front door; return the status, or -1 without an answer."""
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as asking:
                asking.request("GET", f"/function/{name}{path}")
                answer = asking.getresponse()
                answer.read()
                return answer.status
        except (OSError, http.client.HTTPException):
            return -1

    def half_call(self, name: str) -> socket.socket:
        """Begin a call whose body does not come to its end: it is in flight until closed."""
        stream = socket.create_connection(("127.0.0.1", self.port), 20)
        head = (f"POST /function/{name} HTTP/1.1", "Host: node", "Content-Length: 10", "", "half")
        stream.sendall("\r\n".join(head).encode())
        return stream

    @contextmanager
    def calling(self, name: str, threads: int, pause: float = 0.0) -> Iterator[list[int]]:
        """Call a function while the block runs, each caller `pause` seconds after its answer."""
        stop = threading.Event()
        statuses: list[int] = []

        def call() -> None:
            while not stop.wait(pause):
                statuses.append(self.call(name))

        callers = [threading.Thread(target=call) for _ in range(threads)]
        for caller in callers:
            caller.start()
        try:
            yield statuses
        finally:
            stop.set()
            for caller in callers:
                caller.join(90)


def holds(condition: object, seconds: float) -> bool:
    """Tell whether a condition holds all the time for so long."""
    assert callable(condition)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not condition():
            return False
        time.sleep(0.05)
    return True


def _answers(admin: RuntimeSocket) -> bool:
    with contextlib.suppress(Exception):
        return bool(admin.ask("show info"))
    return False
