"""Cards of one image: each is a node of its own, also after a power cut in its first boot.

Apart from test_pi_boot.py, whose machine has the same ports as long as that module lasts.
"""

import time
from pathlib import Path

import pytest

from tests.images.pi_boards import BOARDS
from tests.images.pi_first_boot import ECHO, OWN, READY, UP, boot_first, find_image
from tests.images.pi_machine import new_pi
from tests.vm.node import wait_answers
from tests.vm.times import TIMES

pytestmark = [pytest.mark.emulated, pytest.mark.containerd, pytest.mark.timeout(5400)]


@pytest.mark.parametrize("architecture", ["arm64", "armhf"])
def test_two_cards_of_one_image_share_nothing_and_a_power_cut_in_a_first_boot_is_made_good(
    architecture: str, tmp_path: Path
) -> None:
    own = []
    for number, cut in enumerate((("faasd-image-beg", "alone has"), ("Cloud-init v.",))):
        pi = new_pi(tmp_path / str(number), find_image(architecture), BOARDS[architecture])
        try:
            pi.start()
            pi.wait_said(cut, UP)
            time.sleep(3.0)
            pi.cut_power()
            assert READY not in pi.console
            booted = boot_first(pi)
            TIMES.note(
                f"{architecture}: power on to a node, after a cut at {cut[0]!r}", booted.seconds
            )
            assert pi.front(booted.password).deploy("hello", ECHO).status in (200, 202)
            wait_answers(pi, "hello", 120)
            own.append({line.split()[0] for line in pi.do(OWN).splitlines()})
        finally:
            pi.throw_away()
    assert all(len(one) == 5 for one in own), own
    assert len(set.union(*own)) == sum(map(len, own))
