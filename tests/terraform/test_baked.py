"""The first boot's script on an image that has faasd inside (packer/): see test_first_boot.py."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terraform.first_boot import RELEASE
from tests.terraform.test_first_boot import Boot, boot, release

__all__ = ["boot", "release"]

IMAGE = Path("/usr/lib/faasd-image")
DIGEST = hashlib.sha256(RELEASE).hexdigest()


@pytest.fixture
def baked(boot: Boot) -> Iterator[Boot]:
    """The same script where an image has brought what `packer/provision` puts there."""
    IMAGE.mkdir()
    (IMAGE / "release.sha256").write_text(f"{DIGEST}\n")
    (IMAGE / "node").write_text('#!/bin/bash\necho "node $*" >>"$LOG"\n')
    (IMAGE / "node").chmod(0o755)
    try:
        yield boot
    finally:
        shutil.rmtree(IMAGE)


def test_the_release_that_is_baked_in_is_not_fetched_and_apt_is_not_asked(baked: Boot) -> None:
    ended = baked(release_url="http://127.0.0.1:9/faasd.deb")
    assert ended.status == 0, ended.said
    assert ended.last.startswith("faasd: ready after ")
    assert ended.done.splitlines() == [
        "faasd install --no-firewall --no-domain",
        "faasd core-images list",
        "faasd start",
        "faasd status",
        "node --functions",
    ]


def test_a_domain_has_caddy_fetched_where_it_is_not_baked_in(baked: Boot) -> None:
    hidden = shutil.which("caddy")
    assert hidden is not None
    Path(hidden).rename(f"{hidden}.hidden")
    try:
        ended = baked(domain="faasd.example.com", email="me@example.com")
    finally:
        Path(f"{hidden}.hidden").rename(hidden)
    asked = [line for line in ended.done.splitlines() if line.startswith("apt-get")]
    assert [line.split()[-1] for line in asked] == ["update", "caddy"]
    assert "--domain faasd.example.com --email me@example.com" in ended.done


def test_another_release_is_installed_over_the_baked_one(baked: Boot) -> None:
    (IMAGE / "release.sha256").write_text(f"{'0' * 64}\n")
    ended = baked()
    assert ended.status == 0, ended.said
    assert "/var/cache/faasd/faasd.deb" in ended.done
    assert "faasd core-images build" in ended.done
    assert ended.done.splitlines()[-1] == "node --functions"
