"""Restores that fail, and backups while the node is at work."""

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.backup.place import PASSPHRASE, Node
from tests.e2e.client import Client
from tests.e2e.machine import SECRETS
from tests.machine.processes import wait_until
from tests.programs.archive import make_archive

ECHO = "localhost/echo:latest"
LOGINS = Path("/var/lib/faasd/.docker")


@pytest.mark.timeout(300)
def test_a_restore_that_fails_or_is_ended_leaves_the_node_as_it_was(
    standing: Node, tmp_path: Path
) -> None:
    node, file = standing, tmp_path / "node.backup"
    node.run("faasd", "image", "load", str(node.archives["echo"]))
    assert node.front().call("POST", "/system/namespace/shop", {"name": "shop"}).status == 201
    _deploy(node, "old")
    node.command("faasd", "backup", "--with-images", "local", str(file))
    _become_another(node, tmp_path)
    before = _state(node)

    with _in_the_way(LOGINS):
        ended = node.command("faasd", "restore", "--replace", str(file), check=False)
    assert (ended.returncode, "put back as it was" in ended.stdout) == (1, True), ended.stderr
    node.wait_up()
    assert _state(node) == before

    _end_in_the_middle(node, file)
    node.wait_up()
    assert _state(node) == before

    node.command("faasd", "restore", "--replace", str(file))
    node.wait_up()
    assert node.front().names() == {"old"}
    node.front().wait_answers("old", 30)
    assert "method: GET" in node.front().invoke("old").text
    _clear(node)


def _clear(node: Node) -> None:
    node.wait_up()
    for name in node.front().names():
        assert node.front().delete(name).status == 202


def _deploy(node: Node, name: str) -> None:
    assert node.front().deploy(name, ECHO).status == 202
    node.front().wait_answers(name, 30)


def _become_another(node: Node, directory: Path) -> None:
    """Let the node have another function, and another image of the same name."""
    client = node.front()
    assert client.delete("old").status == 202
    assert client.call("DELETE", "/system/namespace/shop").status in (200, 202)
    make_archive(directory / "other.tar", ("serve",), (ECHO,))
    node.run("faasd", "image", "load", str(directory / "other.tar"))
    _deploy(node, "new")
    wait_until(lambda: _namespaces(client) == ["openfaas-fn"], 30, "the namespace gone")


def _state(node: Node) -> dict[str, object]:
    client = node.front()
    client.wait_answers("new", 30)
    return {
        "functions": sorted(client.names()),
        "image": '"HOSTNAME": "new"' in client.invoke("new").text,
        "namespaces": _namespaces(client),
        "images": node.run("faasd", "image", "list").splitlines()[:-1],
        "login": (SECRETS / "basic-auth-password").read_text(),
        "left": [str(path) for path in Path("/var/lib/faasd").glob(".[br]*")],
    }


def _namespaces(client: Client) -> list[str]:
    names: list[str] = client.call("GET", "/system/namespaces").json
    return names


@contextmanager
def _in_the_way(directory: Path) -> Iterator[None]:
    """Let a file be where files must be put."""
    directory.rmdir()
    directory.write_text("")
    yield
    directory.unlink()
    directory.mkdir(mode=0o700)


def _end_in_the_middle(node: Node, file: Path) -> None:
    """Send SIGTERM when the programs are stopped."""
    passphrase = node.directory / "passphrase"
    passphrase.write_text(f"{PASSPHRASE}\n")
    words = ["faasd", "restore", "--replace", str(file), "--passphrase-file", str(passphrase)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as it:
        assert it.stdout
        line = next(one for one in it.stdout if one.startswith("programs:"))
        assert "stopped" in line
        it.send_signal(signal.SIGTERM)
        it.stdout.read()
    assert it.returncode == 1


@pytest.mark.timeout(300)
def test_backups_while_functions_are_deployed_are_whole_and_hinder_nobody(
    standing: Node, tmp_path: Path
) -> None:
    node = standing
    node.run("faasd", "image", "load", str(node.archives["echo"]))
    stop, problems = threading.Event(), list[str]()
    deployer = threading.Thread(target=_keep_deploying, args=(node.front(), stop, problems))
    deployer.start()
    try:
        for number in range(4):
            node.command("faasd", "backup", "--with-images", "local", str(tmp_path / f"{number}"))
    finally:
        stop.set()
        deployer.join()
    assert problems == []
    said = node.command("faasd", "restore", "--replace", str(tmp_path / "3")).stdout
    assert "1 functions restored" in said
    _clear(node)


def _keep_deploying(client: Client, stop: threading.Event, problems: list[str]) -> None:
    """Give a function ever new secrets, and remove those that it does not use any more."""
    number = 0
    while not stop.is_set():
        secret = {"name": f"s{number}", "namespace": "openfaas-fn", "value": f"{number}"}
        _note(problems, client.call("POST", "/system/secrets", secret).status)
        _note(problems, client.deploy("changing", ECHO, secrets=[secret["name"]]).status)
        if number:
            gone = {"name": f"s{number - 1}", "namespace": "openfaas-fn"}
            _note(problems, client.call("DELETE", "/system/secrets", gone).status)
        number += 1


def _note(problems: list[str], status: int) -> None:
    if status not in (200, 201, 202):
        problems.append(str(status))
