"""The systemd units: what they forbid must not be what the programs do."""

import pytest

from faasd.installer.assets import read_asset

SETTING_THE_GROUP_BIT = "RestrictSUIDSGID="
"""systemd.exec(5): chmod with that bit is refused then, and the router's directory has it."""


@pytest.mark.parametrize("unit", ["faasd.service", "faasd-provider.service"])
def test_both_programs_may_make_the_routers_directory(unit: str) -> None:
    options = [line for line in read_asset(f"units/{unit}").splitlines() if line[:1] != "#"]

    assert "NoNewPrivileges=yes" in options
    assert not [option for option in options if option.startswith(SETTING_THE_GROUP_BIT)]
