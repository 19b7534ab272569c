"""A full disk, a clock that jumps, no DNS: the node says so, and recovers."""

from tests.e2e.client import Client
from tests.vm.cuts import TRUST, Images, accept
from tests.vm.host import HOST
from tests.vm.installed import Installed
from tests.vm.machine import Machine, wait_slowly
from tests.vm.node import is_whole, wait_answers
from tests.vm.times import Times

FILL = "fallocate -l 1T /filler; truncate -s -3M /filler"
"""Takes all there is, what is reserved for root too, and gives back less than an image takes."""

REASON = 90.0
"""Seconds until the node says why a function is not ready, on an unloaded machine."""


JOURNAL = "df -h /; journalctl -n 100 --no-pager -u faasd-provider | cut -c 1-300"


def reason(client: Client, name: str) -> str:
    """Return all that the API says of a function."""
    return client.describe(name).text


def test_a_full_disk_is_named_and_the_deploy_goes_on_when_there_is_room(
    running: Machine, installed: Installed, images: Images, times: Times
) -> None:
    client, image = running.front(installed.password), images.make(100)
    running.do(TRUST)
    running.do(FILL)
    accept(lambda: client.deploy("roomless", image))
    wait_slowly(
        lambda: "the disk is full" in reason(client, "roomless"),
        REASON,
        lambda: f"{reason(client, 'roomless')}\n{running.do(JOURNAL)}",
    )
    assert client.invoke("echo").status == 200
    running.do("rm /filler")
    times.note(
        "room on a full disk to the function's answer", wait_answers(running, "roomless", 120)
    )
    client.delete("roomless")


def test_a_clock_that_jumps_changes_nothing(
    running: Machine, installed: Installed, times: Times
) -> None:
    client = running.front(installed.password)
    running.do("systemctl stop systemd-timesyncd")
    for jump in ("+26 hours", "-49 hours"):
        running.do(f"date --set '{jump}'")
        assert client.invoke("echo").status == 200
        assert client.scale("echo", 0).status in (200, 202)
        wait_slowly(lambda: client.replicas("echo") == 0, 30, lambda: reason(client, "echo"))
        took = wait_answers(running, "echo", 30)
        times.note(f"wake after the clock jumped by {jump}", took)
        assert client.call("POST", "/async-function/echo", b"later").status == 202
    wait_slowly(
        lambda: is_whole(running, installed.password), 60, lambda: running.do("faasd status")
    )


def test_a_registry_that_cannot_be_resolved_is_named_and_deploys_go_on_once_it_can(
    running: Machine, installed: Installed, images: Images, times: Times
) -> None:
    client = running.front(installed.password)
    image = images.make(101).replace(HOST, "registry.test")
    running.do(TRUST.replace(HOST, "registry.test"))

    refused = client.deploy("nameless", image)

    assert refused.status == 503
    assert f"cannot reach the registry of {image}: there is no such host" in refused.text
    assert "nameless" not in client.names(), "what was refused is not there"
    assert client.invoke("echo").status == 200
    running.do(f"echo '{HOST} registry.test' >>/etc/hosts")
    accept(lambda: client.deploy("nameless", image))
    times.note("DNS back to the function's answer", wait_answers(running, "nameless", 120))
    client.delete("nameless")
