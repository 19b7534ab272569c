"""A backup of one node, restored on another: the functions go on there."""

import json
from base64 import b64encode
from pathlib import Path

import pytest

from tests.backup.place import Node
from tests.e2e.client import Client
from tests.e2e.machine import SECRETS

FUNCTION_SECRETS = Path("/var/lib/faasd-provider/secrets")
VALUE = bytes(range(256))
COMPOSE = Path("/var/lib/faasd/docker-compose.yaml")
SETTING = Path("/etc/faasd/notes.conf")


@pytest.mark.timeout(300)
def test_a_new_machine_takes_over_functions_secrets_login_and_settings(node: Node) -> None:
    file = node.directory / "a.backup"
    _make_node_a(node)
    login = _login()
    before = _described(node.front())
    said = node.command("faasd", "backup", "--with-images", "all", str(file)).stdout
    assert "4 functions, 2 secrets, 4 images" in said
    assert file.stat().st_mode & 0o777 == 0o600
    node.wipe()
    SETTING.unlink()
    node.registry.stop()
    node.set_up()
    assert _login() != login
    said = node.command("faasd", "restore", str(file)).stdout
    assert "4 functions restored" in said
    assert _login() == login
    assert _described(node.front()) == before
    _check_answers(node)
    assert (FUNCTION_SECRETS / "openfaas-fn/key").read_bytes() == VALUE
    assert (FUNCTION_SECRETS / "shop/key").read_bytes() == b"other"
    assert SETTING.read_text() == "mine\n"
    assert COMPOSE.read_text().endswith("# mine\n")
    assert node.front().call("GET", "/system/namespace/shop").json["labels"]["team"] == "blue"
    node.registry.start()


def _make_node_a(node: Node) -> None:
    client = node.front()
    for archive in node.archives.values():
        node.run("faasd", "image", "load", str(archive))
    body = {"name": "shop", "labels": {"team": "blue"}}
    assert client.call("POST", "/system/namespace/shop", body).status == 201
    node.run("faasd", "image", "load", "-n", "shop", str(node.archives["echo"]))
    _set_secret(client, "openfaas-fn", VALUE)
    _set_secret(client, "shop", b"other")
    SETTING.parent.mkdir(exist_ok=True)
    SETTING.write_text("mine\n")
    with COMPOSE.open("a") as compose:
        compose.write("# mine\n")
    more = {"secrets": ["key"], "envVars": {"FN_COLOUR": "blue"}, "labels": {"a": "b"}}
    _deploy(client, "hello", "localhost/echo:latest", **more)
    _deploy(client, "hello", "localhost/echo:latest", namespace="shop", secrets=["key"])
    _deploy(client, "pulled", "127.0.0.1:5000/serve:1")
    _deploy(client, "asleep", "localhost/static:latest")
    for name in ("hello", "pulled", "asleep"):
        client.wait_answers(name, 30)
    assert client.scale("asleep", 0).status == 202


def _check_answers(node: Node) -> None:
    client = node.front()
    for name in ("hello", "hello.shop", "pulled", "asleep"):
        client.wait_answers(name, 30)
    text = client.invoke("hello").text
    assert "env: FN_COLOUR=blue" in text
    assert f"secret: key, {len(VALUE)} bytes" in text
    # The queue takes the restored login, too.
    assert client.call("POST", "/async-function/hello", b"x").status == 202


def _deploy(client: Client, name: str, image: str, **more: object) -> None:
    answer = client.deploy(name, image, **more)
    assert answer.status == 202, answer.text


def _set_secret(client: Client, namespace: str, value: bytes) -> None:
    body = {"name": "key", "namespace": namespace, "rawValue": b64encode(value).decode()}
    assert client.call("POST", "/system/secrets", body).status in (200, 201, 202)


def _login() -> str:
    return (SECRETS / "basic-auth-password").read_text()


def _described(client: Client) -> str:
    """Return what is wanted of each function, once they are as wanted."""
    keys = ("name", "namespace", "image", "secrets", "envVars", "labels", "createdAt", "replicas")
    found = [
        {key: one.get(key) for key in keys}
        for namespace in ("openfaas-fn", "shop")
        for one in client.call("GET", f"/system/functions?namespace={namespace}").json
    ]
    return json.dumps(found, indent=1, sort_keys=True)
