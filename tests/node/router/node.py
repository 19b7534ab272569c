"""A provider on an in-memory machine, a real HAProxy that it drives, and an activator."""

import http.client
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from faasd.router.routes import Router
from faasd.router.runtime import RuntimeSocket
from faasd.router.settings import ACTIVATOR
from provider_app.services.router_directory import router_settings
from tests.machine.processes import find_children, kill_all, wait_until
from tests.node.router.running import START, free_port
from tests.unit.provider.running import RunningProvider


class RoutedNode:
    """What a node has on the way of a call, with the ports that they really have."""

    def __init__(self, directory: Path) -> None:
        self.provider = RunningProvider(directory)
        self.directory = Path(self.provider.config.router_directory)
        self.port = free_port()
        self.activated: list[str] = []
        self._log = directory / "haproxy.log"
        self._process: subprocess.Popen[bytes] | None = None
        with ExitStack() as undo:
            undo.callback(self.provider.close)
            self.provider.start()
            undo.enter_context(_serving(self))
            undo.callback(self.stop_router)
            self.start_router()
            self._undo = undo.pop_all()

    def close(self) -> None:
        self._undo.close()

    def start_router(self) -> None:
        """Start HAProxy as its container does: once the provider has written what to start from."""
        config = self.directory / "haproxy.cfg"
        wait_until(config.exists, START, "a configuration to start from")
        command = ["haproxy", "-W", "-db", "-S", f"{self.directory / 'master.sock'},mode,660"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "-f", str(config)],
                stdout=log,
                stderr=log,
                env=os.environ | {"ROUTER_BIND": f"127.0.0.1:{self.port}"},
            )
        wait_until(lambda: self.router.find_worker() is not None, START, "HAProxy answers")

    def stop_router(self) -> None:
        """Kill HAProxy, as a crash does."""
        if self._process is not None:
            kill_all([self._process.pid, *find_children(self._process.pid)])
            self._process.wait(10)
            self._process = None

    @property
    def router(self) -> Router:
        """Another pair of eyes on HAProxy."""
        return Router(router_settings(self.provider.config))

    def tell(self, command: str) -> None:
        """Be the hand at HAProxy's socket."""
        RuntimeSocket(self.directory / "admin.sock").tell([command])

    def call(self, name: str, path: str = "") -> int:
        """Call a function through the front door; return the status, or -1 without an answer."""
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as asking:
                asking.request("GET", f"/function/{name}{path}")
                answer = asking.getresponse()
                answer.read()
                return answer.status
        except (OSError, http.client.HTTPException):
            return -1

    def deploy_routed(self, name: str = "echo", image: str = "serve", **more: object) -> None:
        """Deploy, and wait until the function is answered by its replica."""
        self.provider.deploy_ready(name, image, **more)
        wait_until(lambda: self.is_routed(name), START, f"{name} is routed")

    def is_routed(self, name: str = "echo") -> bool:
        """Tell whether HAProxy sends the function's calls to a replica."""
        return any(at for key, at in self.router.find_routed().items() if key.name == name)

    @contextmanager
    def calling(self, *names: str, threads: int = 3) -> Iterator[list[int]]:
        """Call functions all the time while the block runs; the items are the statuses."""
        stop = threading.Event()
        statuses: list[int] = []

        def call() -> None:
            while not stop.is_set():
                statuses.extend(self.call(name) for name in names)

        callers = [threading.Thread(target=call) for _ in range(threads)]
        for caller in callers:
            caller.start()
        try:
            wait_until(lambda: len(statuses) > threads, START, "calls are under way")
            yield statuses
        finally:
            stop.set()
            for caller in callers:
                caller.join(60)

    @contextmanager
    def calling_once(self, name: str) -> Iterator[list[int]]:
        """Have one call under way while the block runs; the one item is its status, after it."""
        statuses: list[int] = []
        calling = threading.Thread(target=lambda: statuses.append(self.call(name)))
        calling.start()
        try:
            yield statuses
        finally:
            calling.join(60)


@contextmanager
def _serving(node: RoutedNode) -> Iterator[None]:
    """An activator: it awakens, waits and passes on, all of it by the provider's own proxy."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.headers["X-Faasd-Function"]
            node.activated.append(name)
            answer = node.provider.client.get(f"/function/{name}{self.path}")
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = False
        request_queue_size = 256

    server = Server(("127.0.0.1", ACTIVATOR.port), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
