"""What this side has for a guest: packages, the release, images; over HTTP on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

HOST = "10.0.2.2"
"""This side, as a guest sees it."""

PORT = 8000
BUILT = Path(__file__).parents[2] / ".cache/vm"
"""Where `tests/vm/build.sh` puts what it makes."""


def find_built(kind: str) -> Path:
    """Return the directory of one kind of thing that was built."""
    found = sorted(BUILT.glob(f"{kind}-*"))
    assert len(found) == 1, f"{BUILT} has {len(found)} of {kind}: tests/vm/build.sh makes one"
    return found[0]


def find_release() -> Path:
    """Return the release's package."""
    found = list((BUILT / "release").glob("faasd_*_all.deb"))
    assert len(found) == 1, f"{BUILT}/release: {len(found)} packages; tests/vm/build.sh makes one"
    return found[0]


class Host(ThreadingHTTPServer):
    """Serves `packages/…` and `release/…`; what is asked for, and how it ended, is in `asked`."""

    daemon_threads = True

    def __init__(self) -> None:
        self.trees = {"packages": find_built("packages"), "release": BUILT / "release"}
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", PORT), _Handler)


class _Handler(SimpleHTTPRequestHandler):
    server: Host

    def translate_path(self, path: str) -> str:
        tree, _, name = unquote(path.partition("?")[0]).strip("/").partition("/")
        below = self.server.trees.get(tree)
        return "/nonexistent" if below is None or ".." in name else str(below / name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        self.server.asked.append(format % args)


@contextmanager
def serving() -> Iterator[Host]:
    """Serve while the block runs."""
    with Host() as host:
        thread = Thread(target=host.serve_forever, name="host")
        thread.start()
        try:
            yield host
        finally:
            host.shutdown()
            thread.join()
