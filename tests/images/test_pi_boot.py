"""An image of a Pi, flashed, booted under emulation without a network, and used as a node."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images.pi_first_boot import ECHO, OWN, READY, UP, Booted, boot_first, find_image
from tests.images.pi_machine import new_pi
from tests.images.pi_memory import each, remove_prometheus, settle
from tests.vm.machine import wait_slowly
from tests.vm.node import is_whole, wait_answers
from tests.vm.times import TIMES

pytestmark = [pytest.mark.emulated, pytest.mark.containerd, pytest.mark.timeout(5400)]

MOST = 300
"""MB in use at idle, with Prometheus."""


@pytest.fixture(scope="module", params=["arm64", "armhf"])
def booted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Booted]:
    pi = new_pi(tmp_path_factory.mktemp("pi"), find_image(request.param), request.param)
    try:
        yield boot_first(pi)
    finally:
        pi.cut_power()


def test_the_node_of_a_card_deploys_sleeps_wakes_and_comes_back_after_a_reboot(
    booted: Booted,
) -> None:
    pi, kind = booted.pi, booted.pi.architecture
    TIMES.note(f"{kind}: power on to the end of the first boot", booted.seconds)
    TIMES.say(f"{kind}: machine", pi.do("uname -m").strip())
    TIMES.say(f"{kind}: .img.xz", f"{find_image(kind).stat().st_size / 1e6:.0f} MB")
    client = pi.front(booted.password)

    assert client.deploy("hello", ECHO).status in (200, 202)
    wait_answers(pi, "hello", 120)
    TIMES.say(f"{kind}: memory used, MB", pi.do("free -m | awk '/^Mem/ { print $3 }'").strip())
    assert client.scale("hello", 0).status in (200, 202)
    wait_slowly(lambda: client.replicas("hello") == 0, 60, pi.tail)
    TIMES.note(f"{kind}: wake from zero", wait_answers(pi, "hello", 60))

    before, said = pi.do(OWN), len(pi.console)
    pi.run("systemctl reboot")
    pi.wait_said(("Linux version",), UP, start=said)
    TIMES.note(f"{kind}: reboot to an answer", wait_answers(pi, "hello", UP))
    wait_slowly(lambda: is_whole(pi, booted.password), UP, pi.tail)
    assert pi.do(OWN) == before
    assert READY not in pi.console[said:]


def test_what_is_set_for_a_card_is_in_force(booted: Booted) -> None:
    do = booted.pi.do

    assert "zram0" in do("cat /proc/swaps")
    assert "memory" in do("cat /sys/fs/cgroup/cgroup.controllers")
    assert do("hostname").strip() == "faasd"
    assert do("systemctl show --value -p RuntimeWatchdogUSec").strip() == "14s"
    if booted.pi.architecture == "arm64":  # armhf's kernel has no driver for the emulator's
        assert "hardware watchdog" in do("journalctl -b --no-pager | grep -i watchdog")
    assert do("systemctl is-active avahi-daemon").strip() == "active"
    # The image's root is half as large: it was grown to the card.
    assert int(do("df -BM --output=size / | tail -n 1").strip().rstrip("M")) > 3000
    assert "/run/log/journal" in do("journalctl --header --no-pager")


def test_most_of_a_small_pis_memory_is_left_to_functions(booted: Booted) -> None:
    pi, kind = booted.pi, booted.pi.architecture
    whole = settle(pi)
    table = each(pi)
    TIMES.say(f"{kind}: memory used at idle, MB", str(whole))

    remove_prometheus(pi)
    rest = settle(pi)
    TIMES.say(f"{kind}: the same without Prometheus, MB", str(rest))

    assert whole <= MOST, table
    assert rest < whole, table


def test_an_image_for_another_architecture_says_so(booted: Booted, tmp_path: Path) -> None:
    tree = Path(__file__).parents[2]
    archive = tmp_path / "echo.tar"
    build = [str(tree / "distro/functions/build.sh"), "echo", str(archive)]
    subprocess.run(build, check=True, capture_output=True, timeout=60)
    booted.pi.send(archive, "/tmp/other.tar")

    ended = booted.pi.run("faasd image load /tmp/other.tar")

    assert ended.status != 0
    assert "linux/amd64, this node is linux/arm" in ended.output
