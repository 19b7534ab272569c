"""What the first boot's script runs in: stand-ins for apt, faasd and systemd, and a web server."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

STANDINS = {
    "apt-get": 'echo "apt-get $*" >>"$LOG"; exit "${APT_STATUS:-0}"',
    "faasd": """echo "faasd $*" >>"$LOG"
mkdir -p /var/lib/faasd/secrets
[ "$1" != install ] || echo admin >/var/lib/faasd/secrets/basic-auth-user""",
    "systemctl": 'echo "systemctl $*" >>"$LOG"',
}
MOUNTS = ("/var/lib/faasd", "/var/lib/faasd-provider", "/srv/faasd")
RELEASE = b"a package"
IMAGES = b"images"
SCRIPT = Path("/usr/local/sbin/faasd-first-boot")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How the script ended; `done` is what it had the stand-ins do."""

    status: int
    last: str
    said: str
    done: str


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class Gateway(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    log_message = Quiet.log_message


def serve(handler: Callable[..., BaseHTTPRequestHandler], port: int) -> "Serving":
    return Serving(handler, port)


class Serving:
    """An HTTP server on loopback while it is entered."""

    def __init__(self, handler: Callable[..., BaseHTTPRequestHandler], port: int) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._thread = Thread(target=self._server.serve_forever)

    def __enter__(self) -> int:
        self._thread.start()
        return self._server.server_port

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def run_script(
    log: Path, good: Mapping[str, str], environment: Mapping[str, str] | None = None, **given: str
) -> Ended:
    rest = dict.fromkeys(("images_url", "images_sha256", "domain", "email"), "")
    rest |= {"firewall": "no", "password": "", "data_device": ""}
    settings = {**rest, **good, **given}
    conf = Path("/etc/faasd/first-boot.conf")
    conf.parent.mkdir(exist_ok=True)
    conf.write_text("".join(f"{name}='{value}'\n" for name, value in settings.items()))
    log.write_text("")
    done = subprocess.run(
        ["bash", str(SCRIPT)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={"LOG": str(log), **(environment or {})},
        timeout=100,
        check=False,
    )
    last = done.stdout.splitlines()[-1]
    return Ended(status=done.returncode, last=last, said=done.stdout, done=log.read_text())
