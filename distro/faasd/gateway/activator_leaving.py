"""Notices callers that leave while they wait, without reading a byte of what they send."""

import asyncio
import contextlib
import select
import socket
from collections.abc import Callable, Iterator


class Leaving:
    """Tells at once when a connection is closed from the other side.

    An event loop only notices that when it reads, and what a waiting caller sends is not read: it
    stays with the sender. The kernel tells nevertheless, by EPOLLRDHUP. A caller that has ended
    its sending only is taken for one that left: HAProxy, the only caller, never does that.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        self._calls: dict[int, Callable[[], object]] = {}
        self._loop.add_reader(self._epoll.fileno(), self._look)

    def close(self) -> None:
        """Watch nothing any more."""
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()

    @contextlib.contextmanager
    def watch(self, connection: socket.socket, left: Callable[[], object]) -> Iterator[None]:
        """Call `left` when the other side closes `connection` while the block runs."""
        number = connection.fileno()
        self._calls[number] = left
        self._epoll.register(number, select.EPOLLRDHUP)  # with EPOLLHUP and EPOLLERR, always
        try:
            yield
        finally:
            self._forget(number)

    def _look(self) -> None:
        for number, _ in self._epoll.poll(0):
            left = self._calls.get(number)
            self._forget(number)
            if left is not None:
                left()

    def _forget(self, number: int) -> None:
        if self._calls.pop(number, None) is not None:
            self._epoll.unregister(number)
