"""A NATS that asks for the node's login, as it does on a node."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from faasd.base.errors import Unavailable
from faasd.http.basic_auth import Login
from faasd.installer.boot import prepare_boot
from faasd.installer.paths import NATS_DIR, SECRETS_DIR, Machine
from faasd.installer.setup import make_credentials
from faasd.queue.connection import Connection
from tests.node.queue.running import free_port


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration that a node makes, at a port and a directory of the test's own."""
    machine = Machine(root=tmp_path)
    make_credentials(machine)
    prepare_boot(machine)
    made = machine.at(NATS_DIR) / "nats.conf"
    text = made.read_text().replace('/nats"', f'{tmp_path}/store"')
    mine = tmp_path / "mine.conf"
    mine.write_text(text.replace(":4222", f":{free_port()}").replace(":8222", f":{free_port()}"))
    return mine


def test_only_who_knows_the_login_gets_at_the_queue(config: Path, tmp_path: Path) -> None:
    directory = tmp_path / SECRETS_DIR.lstrip("/")
    login = Login(
        user=(directory / "basic-auth-user").read_bytes(),
        password=(directory / "basic-auth-password").read_bytes(),
    )
    wrong = Login(user=login.user, password=b"wrong")
    url = f"nats://127.0.0.1:{config.read_text().partition('0.0.0.0:')[2].partition(chr(34))[0]}"
    server = subprocess.Popen(["nats-server", "--config", config], stderr=subprocess.DEVNULL)
    try:
        admitted = asyncio.run(_admitted(url, login))
        refused = [asyncio.run(_admitted(url, other)) for other in (wrong, None)]
    finally:
        server.kill()
        server.wait()

    assert admitted
    assert refused == [False, False]


async def _admitted(url: str, login: Login | None) -> bool:
    connection = Connection(url, "test", login)
    running = asyncio.create_task(connection.run())
    try:
        await connection.wait_up(5 if login and login.password != b"wrong" else 1)
    except Unavailable:
        return False
    else:
        return True
    finally:
        running.cancel()
        await asyncio.wait([running])
