"""`faasd image` and `faasd registry` on a node that runs functions."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.client import Client
from tests.e2e.machine import Machine
from tests.machine.processes import wait_until
from tests.programs.archive import make_archive

LOADED = "localhost/loaded:1"
Images = dict[str, str]


@pytest.fixture
def loaded(machine: Machine, tmp_path: Path) -> Iterator[str]:
    """An image from a file."""
    archive = tmp_path / "loaded.tar"
    make_archive(archive, ["serve"], [LOADED])
    machine.run("faasd", "image", "load", str(archive))
    yield LOADED
    machine.run("faasd", "image", "prune", "--all")


def held(machine: Machine) -> set[str]:
    """Return the names of all images, as containerd says."""
    return set(machine.containerd.ctr("images", "ls", "-q").split())


def test_what_functions_need_is_kept_asleep_or_awake(
    client: Client, machine: Machine, images: Images
) -> None:
    for name, kind in (("awake", "serve"), ("asleep", "serve2"), ("gone", "stubborn")):
        client.deploy(name, images[kind])
        client.wait_ready(name)
    client.scale("asleep", 0)
    client.delete("gone")
    wait_until(lambda: "stubborn" not in machine.containerd.ctr("containers", "ls"), 60, "gone")

    said = machine.run("faasd", "image", "prune")

    assert f"removed {images['stubborn']}" in said
    assert {images["serve"], images["serve2"]} <= held(machine)
    assert images["stubborn"] not in held(machine)
    assert client.invoke("asleep").status == 200


def test_the_disk_is_free_when_it_ends(client: Client, machine: Machine, images: Images) -> None:
    client.deploy("short", images["serve"])
    client.wait_ready("short")
    client.delete("short")
    wait_until(lambda: machine.containerd.ctr("containers", "ls", "-q") == "", 60, "no container")

    said = machine.run("faasd", "image", "prune", "--all")

    assert re.search(r"[1-9][0-9]* images removed, [1-9][0-9.]* [KM]iB freed", said)
    assert machine.containerd.ctr("content", "ls", "-q") == ""
    assert machine.containerd.ctr("snapshots", "ls").splitlines()[1:] == []


def test_what_was_removed_is_pulled_again(client: Client, machine: Machine, images: Images) -> None:
    client.deploy("echo", images["serve"])
    client.wait_ready("echo")
    client.delete("echo")
    wait_until(lambda: machine.containerd.ctr("containers", "ls", "-q") == "", 60, "no container")
    machine.run("faasd", "image", "prune")

    client.deploy("echo", images["serve"])

    client.wait_answers("echo")


def test_what_came_from_a_file_is_kept_and_goes_with_all(
    client: Client, machine: Machine, loaded: str
) -> None:
    assert client.is_up()

    kept = machine.run("faasd", "image", "prune")
    still_there = loaded in held(machine)
    machine.run("faasd", "image", "prune", "--all")

    assert "--all removes them" in kept
    assert still_there
    assert loaded not in held(machine)


def test_images_are_listed_with_their_sizes(machine: Machine, loaded: str) -> None:
    lines = machine.run("faasd", "image", "list").splitlines()

    row = next(line.split() for line in lines if line.startswith(loaded))
    assert row[1].startswith("sha256:")
    assert float(row[2]) > 0
    assert lines[-1].startswith("on disk: ")


def test_without_the_provider_nothing_is_removed(machine: Machine, loaded: str) -> None:
    machine.kill_program("provider")
    try:
        pruned = subprocess.run(
            ["faasd", "image", "prune", "--all"], capture_output=True, text=True, check=False
        )
    finally:
        machine.start_program("provider")
        wait_until(machine.client().is_up, 30, "the provider")

    assert pruned.returncode == 1
    assert pruned.stderr.startswith("faasd: the provider lists no functions")
    assert loaded in held(machine)


def test_a_registry_is_logged_in_to_by_the_command(machine: Machine) -> None:
    """This one asks for no login, and takes any."""
    address = machine.registry.address
    command = ["faasd", "registry", "login", address, "-u", "me", "--password-stdin"]

    subprocess.run(command, input=b"secret\n", check=True, timeout=60)
    listed = machine.run("faasd", "registry", "list")
    machine.run("faasd", "registry", "logout", address)

    assert listed.splitlines()[1].split() == [address, "me"]
    assert address not in machine.run("faasd", "registry", "list")
