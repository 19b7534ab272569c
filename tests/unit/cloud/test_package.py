"""What a laptop installs."""

import os
import subprocess
from pathlib import Path

from faasd.cloud.trees import CHECKOUT, TEMPLATE


def test_a_built_package_brings_its_own_terraform(tmp_path: Path) -> None:
    """Built from this tree, and run where no checkout is near."""
    build = ["setup.py", "-q", "build_py", "--build-lib", str(tmp_path / "lib")]
    subprocess.run(
        ["/usr/bin/python3", "-W", "ignore", *build], cwd=CHECKOUT, check=True, capture_output=True
    )
    done = subprocess.run(
        ["/usr/bin/python3", "-m", "faasd.cli", "cloud-config", "blank"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "lib")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (CHECKOUT / "cloud-init" / "cloud-config.txt").read_text()
    share = tmp_path / "lib" / "faasd" / "cloud" / "share"
    assert (share / TEMPLATE).is_file()
    assert (share / "terraform" / "aws" / ".terraform.lock.hcl").is_file()
    assert not list(share.rglob("*.tfstate"))
