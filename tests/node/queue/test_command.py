"""`faasd queue` as people run it, on a queue that runs."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machine.processes import require_sandbox
from tests.node.queue.receiver import Reply
from tests.node.queue.running import ECHO, RunningQueue

HOSTS = Path("/run/faasd/hosts")
SECRETS = Path("/var/lib/faasd/secrets")
MAIN = "from faasd.cli import main; main()"


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[RunningQueue]:
    """A queue at the worker's own port, with hosts file and login where a node has them."""
    require_sandbox()
    before = HOSTS.read_text() if HOSTS.exists() else None
    HOSTS.parent.mkdir(parents=True, exist_ok=True)
    SECRETS.mkdir(parents=True, exist_ok=True)
    HOSTS.write_text("127.0.0.1 localhost\n127.0.0.1\tqueue-worker\n")
    login = {SECRETS / f"basic-auth-{name}": name for name in ("user", "password")}
    kept = {path: path.read_text() for path in login if path.exists()}
    (SECRETS / "basic-auth-user").write_text("admin\n")
    (SECRETS / "basic-auth-password").write_text("secret\n")
    running = RunningQueue(tmp_path, port="8083", max_tries="1")
    running.worker_port = 8083
    try:
        yield running.start()
    finally:
        running.close()
        HOSTS.unlink()
        if before is not None:
            HOSTS.write_text(before)
        for path in login:
            path.unlink()
        for path, text in kept.items():
            path.write_text(text)


def faasd(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        ["/usr/bin/python3", "-c", MAIN, "queue", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "distro:."},
    )
    return done.returncode, done.stdout, done.stderr


def test_dead_letters_are_shown_replayed_and_dropped(installed: RunningQueue) -> None:
    installed.receiver.plan(f"/function/{ECHO}", Reply(status=503))
    for body in ("a", "b", "c"):
        installed.call(body)
    numbers = [str(letter["number"]) for letter in installed.wait_dead(3)]

    status, out, _ = faasd("status")
    assert status == 0
    assert out.splitlines()[1].split() == [ECHO, "0", "0", "3"]
    assert [line.split()[0] for line in faasd("dead")[1].splitlines()[1:]] == numbers
    assert len(faasd("dead", "--limit", "2")[1].splitlines()) == 3

    installed.receiver.plan(f"/function/{ECHO}", Reply())
    assert faasd("replay", numbers[0]) == (0, "1 replayed\n", "")
    status, out, error = faasd("purge", numbers[1], "999")
    assert (status, out) == (1, "1 dropped\n")
    assert "no dead letter 999" in error
    assert faasd("replay", "--all")[:2] == (0, "1 replayed\n")
    installed.wait_empty()
    assert sorted(installed.bodies()) == ["a", "a", "b", "c", "c"]
    assert faasd("dead")[1] == "no dead letters\n"


@pytest.mark.usefixtures("installed")
def test_without_numbers_nothing_is_replayed() -> None:
    status, _, error = faasd("replay")
    assert status == 1
    assert "--all" in error


def test_a_worker_that_does_not_run_is_one_line(installed: RunningQueue) -> None:
    installed.worker.kill()
    status, out, error = faasd("status")
    assert (status, out, error.count("\n")) == (1, "", 1)
    assert "queue-worker at 127.0.0.1:8083 does not answer" in error
