"""`tests/sandbox/enter .venv/bin/python -m bench.queue [CALLS]`: the queue alone.

NATS, the gateway's part that accepts and the worker, each a process, and a function that answers
at once; no router. First calls are accepted while no worker runs, then a worker works them off
(16 at once), then both at the same time.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.node.queue.running import Process, RunningQueue, free_port

CALLS, CONNECTIONS, PATIENCE = 5000, 16, 300.0
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
COMPLETED = "faasd_queue_completed_total"


class Function(asyncio.Protocol):
    """Answers every request at once; bodies are small and come with their head."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.seen = transport, b""

    def data_received(self, data: bytes) -> None:
        self.seen += data
        while (end := self.seen.find(b"\r\n\r\n")) >= 0:
            head = self.seen[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or b"0")
            if len(self.seen) < end + 4 + length:
                return
            self.seen = self.seen[end + 4 + length :]
            self.transport.write(ANSWER)


async def answer_for_ever(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Function, "127.0.0.1", port)
    await server.serve_forever()


async def accept(port: int, calls: int) -> float:
    """Make `calls` on a few connections; return how many were accepted in a second."""
    began = time.perf_counter()
    share = calls // CONNECTIONS
    accepted = sum(await asyncio.gather(*(_accept(port, share) for _ in range(CONNECTIONS))))
    assert accepted == share * CONNECTIONS, f"{accepted} of {calls} accepted"
    return accepted / (time.perf_counter() - began)


async def _accept(port: int, calls: int) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    accepted = 0
    for _ in range(calls):
        head = b"POST /async-function/echo HTTP/1.1\r\nHost: bench\r\nContent-Length: 16\r\n\r\n"
        writer.write(head + b"sixteen bytes ok")
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        accepted += answer.startswith(b"HTTP/1.1 202")
    writer.close()
    await writer.wait_closed()
    return accepted


@contextmanager
def standing(directory: Path) -> Iterator[RunningQueue]:
    """A queue whose function is a process of its own."""
    port = free_port()
    function = Process(
        [sys.executable, "-m", "bench.queue", "function", str(port)], directory / "function.log"
    )
    function.start()
    queue = RunningQueue(directory, gateway_url=f"http://127.0.0.1:{port}", ack_wait="60s")
    try:
        yield queue.start()
    finally:
        queue.close()
        function.kill()


def measure(queue: RunningQueue, calls: int) -> Iterator[str]:
    """Yield a line for each figure."""
    yield f"worker idle: {queue.memory_of_worker() / 1e6:.1f} MB resident"
    assert queue.worker.stop() == 0
    rate = asyncio.run(accept(queue.gateway_port, calls))
    yield f"accepted alone: {rate:.0f}/s"
    began = time.perf_counter()
    queue.worker.start()
    _wait_completed(queue, 1)
    yield f"worker started and busy after {time.perf_counter() - began:.2f} s"
    began, before = time.perf_counter(), queue.metric(COMPLETED)
    _wait_completed(queue, calls // CONNECTIONS * CONNECTIONS)
    done = queue.metric(COMPLETED) - before
    yield f"completed alone, 16 at once: {done / (time.perf_counter() - began):.0f}/s"
    began, before = time.perf_counter(), queue.metric(COMPLETED)
    rate = asyncio.run(accept(queue.gateway_port, calls))
    _wait_completed(queue, before + calls // CONNECTIONS * CONNECTIONS)
    both = (queue.metric(COMPLETED) - before) / (time.perf_counter() - began)
    yield f"both at once: {rate:.0f}/s accepted, {both:.0f}/s completed"
    yield f"worker afterwards: {queue.memory_of_worker() / 1e6:.1f} MB resident"


def _wait_completed(queue: RunningQueue, count: float) -> None:
    """Look seldom: the worker that is measured answers."""
    until = time.monotonic() + PATIENCE
    while queue.metric(COMPLETED) < count:
        assert time.monotonic() < until, "not completed"
        time.sleep(0.1)


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["function"]:
        asyncio.run(answer_for_ever(int(arguments[1])))
        return
    calls = int(arguments[0]) if arguments else CALLS
    with (
        tempfile.TemporaryDirectory(dir=os.environ["TMPDIR"]) as directory,
        standing(Path(directory)) as queue,
    ):
        for line in measure(queue, calls):
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
