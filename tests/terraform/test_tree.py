"""All of terraform/: its form, its tables, its user-data, its policies."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from faasd.cloud.config import NodeConfig
from faasd.cloud.trees import read_template
from faasd.cloud.user_data import render_user_data
from tests.terraform.place import KEY, RELEASE, TOP, Place, flags
from tests.terraform.tables import ROOTS, blocks, readme, with_tables

pytestmark = pytest.mark.timeout(300)
CONFIG = "modules/node-config"
CHECKOV = TOP / ".venv" / "cloud" / "bin" / "checkov"
EXAMPLES = [f"aws/examples/{example}" for example in ("minimal", "tls", "fleet")]


def test_everything_is_formatted(place: Place) -> None:
    place.must(".", "fmt", "-check", "-recursive", "-no-color")


@pytest.mark.parametrize("root", ["aws", *EXAMPLES])
def test_every_root_of_aws_is_valid(place: Place, root: str) -> None:
    place.init(root)
    assert "Success!" in place.must(root, "validate", "-no-color")


@pytest.mark.parametrize("root", ["aws", CONFIG])
def test_a_roots_own_promises_hold(place: Place, root: str) -> None:
    place.init(root)
    assert "0 failed" in place.must(root, "test", "-no-color")


@pytest.mark.parametrize("root", ROOTS)
def test_the_readmes_tables_are_those_of_the_code(root: str) -> None:
    assert readme(root).read_text() == with_tables(root), "run python -m tests.terraform.tables"


@pytest.mark.parametrize("root", ROOTS)
def test_every_variable_is_typed_and_described_and_every_output_described(root: str) -> None:
    variables = blocks(root, "variable")
    assert variables
    for name, one in variables:
        assert one.get("type"), name
        assert one.get("description"), name
    assert all(one.get("description") for _, one in blocks(root, "output"))


def test_both_clouds_have_the_same_variables_and_outputs_where_they_agree() -> None:
    aws, ocean = ({name for name, _ in blocks(root, "variable")} for root in ROOTS[:2])
    assert {"name", "release_url", "release_sha256", "ssh_key_file", "ssh_cidrs"} <= aws & ocean
    assert {"web_cidrs", "gateway_cidrs", "password", "data_volume_size"} <= aws & ocean
    outputs = [{name for name, _ in blocks(root, "output")} for root in ROOTS[:2]]
    shared = {"node_ip", "gateway_url", "password", "login_cmd", "ssh_cmd"}
    assert all(shared <= each for each in outputs)


def test_terraform_and_python_render_the_same_user_data(place: Place) -> None:
    variables = {
        **RELEASE,
        "images_url": "https://releases.example.com/images.tar",
        "images_sha256": "1a" * 32,
        "ssh_public_keys": [KEY],
        "hostname": "edge",
        "domain": "faasd.example.com",
        "letsencrypt_email": "admin@example.com",
        "swap_size": "512M",
        "password": "a-password-of-enough-letters",
        "data_device": "/dev/sdb",
        "firewall": True,
    }
    theirs = _render_by_terraform(place, variables)
    ours = render_user_data(
        read_template(),
        NodeConfig(
            release_url=RELEASE["release_url"],
            release_sha256=RELEASE["release_sha256"],
            images_url="https://releases.example.com/images.tar",
            images_sha256="1a" * 32,
            ssh_public_keys=(KEY,),
            hostname="edge",
            domain="faasd.example.com",
            letsencrypt_email="admin@example.com",
            swap_size="512M",
            password="a-password-of-enough-letters",
            data_device="/dev/sdb",
        ),
    )
    assert yaml.safe_load(theirs) == yaml.safe_load(ours)
    # Two writers of YAML quote and indent what is on top as they like; the rest is one text.
    assert theirs.partition("write_files:")[2] == ours.partition("write_files:")[2]


def test_policies_are_kept_or_waived_with_a_reason() -> None:
    assert CHECKOV.is_file(), f"{CHECKOV} is missing: ./test.sh terraform installs it"
    done = subprocess.run(
        [
            str(CHECKOV),
            *("-d", str(TOP / "terraform"), "--framework", "terraform"),
            *("--quiet", "--compact", "--skip-download"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_waiver_gives_its_reason() -> None:
    waived = [
        line
        for file in (TOP / "terraform").rglob("*.tf")
        for line in file.read_text().splitlines()
        if "checkov:skip" in line
    ]
    assert waived
    assert all(re.search(r"checkov:skip=CKV\w+: \w+( \S+){4,}", line) for line in waived)


def test_nothing_shipped_points_at_a_test_or_skips_a_check_of_the_provider() -> None:
    files = [*(TOP / "terraform").rglob("*.tf"), *(TOP / "cloud-init").iterdir()]
    files = [file for file in files if file.is_file() and ".terraform" not in file.parts]
    assert not [file for file in files if _mentions(file, "skip_", "endpoints", "127.0.0.1:4")]


def _render_by_terraform(place: Place, variables: dict[str, object]) -> str:
    place.init(CONFIG)
    state = "-state=compare.tfstate"
    place.must(CONFIG, "apply", "-no-color", "-auto-approve", state, *flags(variables))
    shown = subprocess.run(
        ["terraform", "output", state, "-raw", "user_data"],
        cwd=place.at(CONFIG),
        env=dict(place.environment),
        capture_output=True,
        text=True,
        check=True,
    )
    return shown.stdout


def _mentions(file: Path, *words: str) -> bool:
    text = file.read_text()
    return any(re.search(rf"^\s*{re.escape(word)}", text, re.MULTILINE) for word in words)
