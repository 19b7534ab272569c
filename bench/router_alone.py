"""Measures the way through the router against the function alone: `python -m bench.router_alone`.

The function is the static C server; everything runs in the machine that this is started in.
"""

import contextlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from bench.wrk import Load, wrk
from faasd.router.wanted import Endpoint
from tests.node.router.running import RunningRouter, free_port, many, say

SERVER = Path("distro/functions/static/server.c")


def main() -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory() as directory:
        binary = Path(directory) / "server"
        subprocess.run(["gcc", "-O2", "-o", binary, SERVER], check=True)
        port = free_port()
        server = subprocess.Popen([binary, str(port)])
        router = RunningRouter()
        try:
            with _reading_logs(router.settings.failures_socket, router.settings.sample_socket):
                _measure(router, Endpoint(address="127.0.0.1", port=port))
        finally:
            router.close()
            server.kill()
            server.wait()
    return 0


@contextlib.contextmanager
def _reading_logs(*paths: Path) -> Iterator[None]:
    """Take the logs in as the gateway does, so that they cost what they cost."""
    with contextlib.ExitStack() as undo:
        for path in paths:
            receiver = undo.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            receiver.bind(str(path))
            thread = threading.Thread(target=_drain, args=(receiver,))
            thread.start()
            undo.callback(thread.join)
            undo.callback(receiver.shutdown, socket.SHUT_RD)
        yield


def _drain(receiver: socket.socket) -> None:
    while receiver.recv(1024):
        pass


def _measure(router: RunningRouter, function: Endpoint) -> None:
    router.apply(function)
    time.sleep(0.3)
    say("| c | direct req/s | p50 ms | p99 ms | router req/s | p50 ms | p99 ms | ratio |")
    say("|---|---|---|---|---|---|---|---|")
    for connections in (1, 16, 100):
        direct = wrk(f"http://{function}/", connections)
        routed = wrk(f"http://127.0.0.1:{router.port}/function/hello", connections)
        say(
            f"| {connections} | {_cells(direct)} | {_cells(routed)} "
            f"| {routed.rate / direct.rate:.2f} |"
        )
    say(f"memory of the worker: {router.memory_kb() / 1024:.0f} MB at 32 backends")
    router.router.apply(many(200, function))
    say(f"memory of the worker: {router.memory_kb() / 1024:.0f} MB at 256 backends")


def _cells(one: Load) -> str:
    return f"{one.rate:,.0f} | {one.median:.3f} | {one.p99:.2f}"


if __name__ == "__main__":
    sys.exit(main())
