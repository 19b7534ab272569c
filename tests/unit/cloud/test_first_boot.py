"""The first boot's script, run with settings that it must refuse before it changes anything."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from faasd.cloud.trees import find_trees

GOOD = {
    "release_url": "https://releases.example.com/faasd.deb",
    "release_sha256": "0f" * 32,
    "domain": "",
    "email": "",
    "firewall": "no",
    "password": "",
    "data_device": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    status: int
    last: str
    motd: str


def run_script(work: Path, settings: dict[str, str]) -> Ended:
    """Run the shipped script with its files moved below `work`, and an apt that fails."""
    text = (find_trees() / "cloud-init" / "cloud-config.txt").read_text()
    script = str(yaml.safe_load(text)["write_files"][1]["content"])
    programs = work / "bin"
    programs.mkdir()
    (programs / "apt-get").write_text("#!/bin/sh\nexit 100\n")
    (programs / "apt-get").chmod(0o755)
    script = script.replace("PATH=/usr/sbin", f"PATH={programs}:/usr/sbin")
    for path in ("/etc/faasd/first-boot.conf", "/etc/motd"):
        script = script.replace(path, str(work / Path(path).name))
    conf = "".join(f"{name}='{value}'\n" for name, value in settings.items())
    (work / "first-boot.conf").write_text(conf)
    (work / "motd").write_text("Debian\nfaasd: FAILED before\n")
    done = subprocess.run(
        ["bash", "-s"],
        input=script,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        check=False,
    )
    last = done.stdout.splitlines()[-1]
    return Ended(status=done.returncode, last=last, motd=(work / "motd").read_text())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"release_url": ""}, "not the URL of a .deb"),
        ({"release_sha256": "abc"}, "is not 64 hexadecimal digits"),
        ({"firewall": "maybe"}, "not yes or no"),
        ({"domain": "faasd.example.com"}, "domain in .* is set, but email is not"),
    ],
)
def test_a_setting_that_cannot_be_is_named_at_the_end(
    tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    ended = run_script(tmp_path, {**GOOD, **changed})
    assert ended.status == 1
    assert ended.last.startswith("faasd: FAILED while checking the settings: ")
    assert re.search(said, ended.last)


def test_apts_failure_is_named_at_the_end_and_for_whoever_logs_in(tmp_path: Path) -> None:
    ended = run_script(tmp_path, GOOD)
    assert ended.status == 1
    assert "FAILED while asking apt" in ended.last
    assert "mirror does not answer" in ended.last
    assert ended.motd == f"Debian\n{ended.last}\n"
