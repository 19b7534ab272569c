"""What the activator costs a call by itself: `python -m tests.node.activator.speed`.

The activator is a process of its own; caller and replica are this one, so that one clock tells.
"""

import asyncio
import contextlib
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from faasd.gateway.activator import Activator
from faasd.gateway.activator_settings import ActivatorSettings
from faasd.gateway.route_feed import RouteEntry, Synced
from faasd.gateway.routes_table import RouteTable
from tests.node.router.running import say

CALLS = 3000
BULK = 400 << 20
WAITING = 900
HEAD = (
    b"GET /some/path?a=b HTTP/1.1\r\nhost: node:8080\r\nuser-agent: curl/8\r\naccept: */*\r\n"
    b"x-call-id: 0bf5d7d5-a3a1-4d5c-9d2e-6d2f6f6f0001\r\nx-start-time: 1732000000000000000\r\n"
    b"x-forwarded-host: node:8080\r\nx-faasd-function: %s.openfaas-fn\r\n"
    b"x-forwarded-for: 10.0.0.7\r\n\r\n"
)


class NoWaker:
    async def awaken(self, _: str, /) -> tuple[str, ...]:
        """What is asked for never comes."""
        return ()


async def serve(replica_port: int) -> None:
    table = RouteTable()
    for name, replicas in (("awake", 1), ("asleep", 0)):
        table.hear(
            RouteEntry(
                function=name,
                namespace="openfaas-fn",
                replicas=replicas,
                available=("127.0.0.1",) * replicas,
                state="ready" if replicas else "asleep",
                reason="",
            )
        )
    table.hear(Synced())
    activator = Activator(table, NoWaker(), ActivatorSettings(replica_port=replica_port))
    await activator.start("127.0.0.1", 0)
    say(str(activator.port))
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await activator.close()


@contextlib.contextmanager
def activator(replica_port: int) -> Iterator[tuple[int, int]]:
    command = [sys.executable, "-m", __spec__.name, str(replica_port)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline()), process.pid
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def measure_way(listener: socket.socket, port: int) -> list[float]:
    """Return how long a request took from here to the replica, in ms."""
    took = []
    for _ in range(CALLS):
        with socket.create_connection(("127.0.0.1", port)) as caller:
            began = time.perf_counter()
            caller.sendall(HEAD % b"awake")
            replica, _ = listener.accept()
            with replica:
                replica.recv(1 << 16)
                took.append((time.perf_counter() - began) * 1000)
    return took


def measure_bulk(listener: socket.socket, port: int) -> float:
    """Return MB/s of an answer."""

    def answer() -> None:
        replica, _ = listener.accept()
        with replica:
            replica.recv(1 << 16)
            for _ in range(BULK >> 20):
                replica.sendall(bytes(1 << 20))

    thread = threading.Thread(target=answer)
    thread.start()
    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.sendall(HEAD % b"awake")
        began, left, buffer = time.perf_counter(), BULK, bytearray(1 << 20)
        while left:
            left -= caller.recv_into(buffer)
        took = time.perf_counter() - began
    thread.join()
    return BULK / took / 1e6


def measure_waiting(port: int, pid: int) -> float:
    """Return kB of memory for each caller that waits."""
    before = _memory_kb(pid)
    with contextlib.ExitStack() as held:
        for _ in range(WAITING):
            caller = held.enter_context(socket.create_connection(("127.0.0.1", port)))
            caller.sendall(HEAD % b"asleep" + bytes(8192))
        time.sleep(1)
        return (_memory_kb(pid) - before) / WAITING


def _memory_kb(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0])


def main() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        replica_port = int(listener.getsockname()[1])
        with activator(replica_port) as (port, pid):
            way = sorted(measure_way(listener, port))
            say(
                f"head in to bytes at the replica, {CALLS} calls: median "
                f"{statistics.median(way):.3f} ms, 99th {way[CALLS * 99 // 100]:.3f} ms"
            )
            say(f"an answer of {BULK >> 20} MB: {measure_bulk(listener, port):.0f} MB/s")
            say(f"each of {WAITING} waiting callers: {measure_waiting(port, pid):.1f} kB")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(serve(int(sys.argv[1])))
    else:
        main()
