"""An image of a Pi, flashed, booted under emulation without a network, and used as a node."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images.pi_boards import BOARDS
from tests.images.pi_first_boot import ECHO, OWN, READY, UP, Booted, boot_first, find_image
from tests.images.pi_machine import new_pi
from tests.images.pi_memory import each, page_in, remove_prometheus, settle, used_alone
from tests.images.pi_page import Step, work
from tests.images.pi_session import record
from tests.vm.machine import wait_slowly
from tests.vm.node import is_whole, wait_answers
from tests.vm.times import TIMES

pytestmark = [pytest.mark.emulated, pytest.mark.containerd, pytest.mark.timeout(5400)]

MOST, MOST_WITHOUT_PROMETHEUS = 300, 180
"""MB in use at idle."""


EVERY = ("arm64", "armhf", "raspi3b")
GENERAL = EVERY[:2]
"""Of these the node and its machine are looked at more closely."""


@pytest.fixture(scope="module", params=GENERAL)
def booted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Booted]:
    board, directory = BOARDS[request.param], tmp_path_factory.mktemp("pi")
    # One card is written in the page's one way, and one in its other.
    step = Step.WRITE_BY_MAP if board.architecture == "arm64" else Step.WRITE_WHOLE
    pi = new_pi(directory, find_image(board.architecture), board, step)
    try:
        yield boot_first(pi)
    finally:
        pi.throw_away()


@pytest.mark.parametrize("booted", EVERY, indirect=True, scope="module")
def test_who_follows_the_page_gets_a_function_that_answers(booted: Booted) -> None:
    pi, kind = booted.pi, booted.pi.board.name
    image = find_image(pi.board.architecture)
    TIMES.say(f"{kind}: .img.xz", f"{image.stat().st_size / 1e6:.0f} MB")
    TIMES.note(f"{kind}: power on to the end of the first boot", booted.seconds)

    logged_in = work(Step.LOG_IN, pi)
    deployed = work(Step.DEPLOY, pi)

    assert READY in logged_in
    assert "http://faasd.local:8080" in logged_in
    assert deployed.endswith("hello")
    # The name is told to others by mDNS.
    asked = "busctl call org.freedesktop.Avahi / org.freedesktop.Avahi.Server GetHostNameFqdn"
    assert pi.do(asked).strip() == 's "faasd.local"'
    record(booted, image, logged_in, deployed)


@pytest.mark.parametrize("booted", EVERY, indirect=True, scope="module")
def test_the_node_of_a_card_deploys_sleeps_wakes_and_comes_back_after_a_reboot(
    booted: Booted,
) -> None:
    pi, kind = booted.pi, booted.pi.board.name
    TIMES.say(f"{kind}: machine", pi.do("uname -m").strip())
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
    assert do("cat /sys/fs/cgroup/openfaas/gateway/memory.swap.max").strip() == "max"
    assert do("sysctl -n vm.swappiness vm.page-cluster").split() == ["180", "0"]
    assert do("systemctl is-active faasd-image-page-out.timer").strip() == "active"
    assert "memory" in do("cat /sys/fs/cgroup/cgroup.controllers")
    assert do("hostname").strip() == "faasd"
    assert do("systemctl show --value -p RuntimeWatchdogUSec").strip() == "14s"
    if booted.pi.board.name == "arm64":  # armhf's kernel has no driver for the emulator's
        assert "hardware watchdog" in do("journalctl -b --no-pager | grep -i watchdog")
    assert do("systemctl is-active avahi-daemon").strip() == "active"
    # The image's root is half as large: it was grown to the card.
    assert int(do("df -BM --output=size / | tail -n 1").strip().rstrip("M")) > 3000
    assert "/run/log/journal" in do("journalctl --header --no-pager")


def test_most_of_a_small_pis_memory_is_left_to_functions(booted: Booted) -> None:
    pi, kind = booted.pi, booted.pi.board.name
    client = pi.front(booted.password)
    for name in client.names():
        assert client.delete(name).status == 202
    wait_slowly(lambda: not client.names(), 60, pi.tail)
    page_in(pi)
    TIMES.say(f"{kind}: memory used before it is paged out, MB", str(used_alone(pi)))
    whole = settle(pi)
    table = each(pi)
    TIMES.say(f"{kind}: memory used at idle, MB", str(whole))

    remove_prometheus(pi)
    rest = settle(pi)
    TIMES.say(f"{kind}: the same without Prometheus, MB", str(rest))

    assert whole <= MOST, table
    assert rest <= MOST_WITHOUT_PROMETHEUS, table


def test_an_image_for_another_architecture_says_so(booted: Booted, tmp_path: Path) -> None:
    tree = Path(__file__).parents[2]
    archive = tmp_path / "echo.tar"
    build = [str(tree / "distro/functions/build.sh"), "echo", str(archive)]
    subprocess.run(build, check=True, capture_output=True, timeout=60)
    booted.pi.send(archive, "/tmp/other.tar")

    ended = booted.pi.run("faasd image load /tmp/other.tar")

    assert ended.status != 0
    assert "linux/amd64, this node is linux/arm" in ended.output
