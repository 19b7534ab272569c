"""relay.py outside SOCKET HOST PORT | inside SOCKET ADDRESS PORT: one TCP port by a Unix socket.

A machine of its own has no network; through such doors apt reaches the mirrors of the machine
around it.
"""

import socket
import sys
import threading


def copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def join(near: socket.socket, far: socket.socket) -> None:
    with near, far:
        back = threading.Thread(target=copy, args=(far, near), daemon=True)
        back.start()
        copy(near, far)
        back.join()


def open_far(side: str, path: str, rest: list[str]) -> socket.socket:
    if side == "outside":
        return socket.create_connection((rest[0], int(rest[1])))
    far = socket.socket(socket.AF_UNIX)
    far.connect(path)
    return far


def serve(side: str, path: str, *rest: str) -> None:
    if side == "outside":
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(64)
    else:
        listener = socket.create_server((rest[0], int(rest[1])), backlog=64)
    while True:
        near, _ = listener.accept()
        try:
            far = open_far(side, path, list(rest))
        except OSError:
            near.close()
            continue
        threading.Thread(target=join, args=(near, far), daemon=True).start()


if __name__ == "__main__":
    serve(*sys.argv[1:])
