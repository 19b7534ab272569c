"""The first boot's script in a sandbox: apt, faasd and systemd are stand-ins, all else is real."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import yaml

from faasd.cli.install import choose, install
from faasd.cloud.trees import find_trees
from faasd.installer.choices import Choices
from tests.machine.processes import require_sandbox
from tests.terraform.first_boot import (
    IMAGES,
    MOUNTS,
    RELEASE,
    SCRIPT,
    STANDINS,
    Ended,
    Gateway,
    Quiet,
    run_script,
    serve,
)

Boot = Callable[..., Ended]


@pytest.fixture
def release(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "faasd.deb").write_bytes(RELEASE)
    (tmp_path / "images.tar").write_bytes(IMAGES)
    with serve(partial(Quiet, directory=str(tmp_path)), 0) as port:
        yield f"http://127.0.0.1:{port}/faasd.deb"


@pytest.fixture
def boot(release: str, tmp_path: Path) -> Iterator[Boot]:
    """Write the script as cloud-init does, and run it with settings."""
    require_sandbox()
    for name, text in STANDINS.items():
        (Path("/usr/sbin") / name).write_text(f"#!/bin/bash\n{text}\n")
        (Path("/usr/sbin") / name).chmod(0o755)
    text = (find_trees() / "cloud-init" / "cloud-config.txt").read_text()
    _, script = yaml.safe_load(text)["write_files"]
    SCRIPT.write_text(script["content"])
    Path("/etc/motd").write_text("Debian\n")
    fstab = Path("/etc/fstab").read_text() if Path("/etc/fstab").exists() else ""
    good = {"release_url": release, "release_sha256": hashlib.sha256(RELEASE).hexdigest()}
    try:
        with serve(Gateway, 8080):
            yield partial(run_script, tmp_path / "log", good)
    finally:
        Path("/etc/fstab").write_text(fstab)
        for name in STANDINS:
            (Path("/usr/sbin") / name).unlink()
        for mount in MOUNTS:
            subprocess.run(["umount", mount], check=False, capture_output=True)
        for made in ("/var/lib/faasd", "/etc/faasd", "/var/cache/faasd"):
            shutil.rmtree(made, ignore_errors=True)


def test_the_last_line_says_how_to_log_in(boot: Boot) -> None:
    ended = boot()
    assert ended.status == 0, ended.said
    assert ended.last.startswith("faasd: ready after ")
    assert "user admin, password: sudo cat /var/lib/faasd/secrets/basic-auth-password" in ended.last
    assert Path("/etc/motd").read_text() == f"Debian\n{ended.last}\n"


def test_the_package_is_installed_then_set_up_then_started(boot: Boot) -> None:
    lines = [line for line in boot().done.splitlines() if "update" not in line]
    assert lines[0].endswith("install ca-certificates curl")
    assert lines[1].endswith("/var/cache/faasd/faasd.deb mmdebstrap umoci python3-pip")
    assert lines[2:] == [
        "faasd install --no-firewall --no-domain",
        "faasd core-images build",
        "faasd start",
        "faasd status",
    ]


def test_run_again_it_ends_well_and_says_so_once(boot: Boot) -> None:
    boot()
    assert boot().status == 0
    assert Path("/etc/motd").read_text().count("faasd:") == 1


def test_a_wrong_checksum_is_named_and_nothing_is_installed(boot: Boot) -> None:
    ended = boot(release_sha256="0" * 64)
    assert ended.status == 1
    assert "FAILED while fetching the release" in ended.last
    assert f"SHA-256 {hashlib.sha256(RELEASE).hexdigest()}, not {'0' * 64}" in ended.last
    assert "nothing was installed" in ended.last
    assert "faasd.deb" not in ended.done
    assert list(Path("/var/cache/faasd").iterdir()) == []


def test_a_release_that_cannot_be_fetched_is_named(boot: Boot, release: str) -> None:
    ended = boot(release_url=f"{release}.missing")
    assert ended.status == 1
    assert f"{release}.missing cannot be fetched" in ended.last
    assert "faasd install" not in ended.done


@pytest.mark.parametrize("fault", [{"release_sha256": "0" * 64}, {"release_url": ".missing"}])
def test_what_gives_access_to_a_url_is_told_to_nobody(
    boot: Boot, release: str, fault: dict[str, str]
) -> None:
    plain = f"{release}{fault.get('release_url', '')}"
    signed = f"{plain.replace('http://', 'http://me:key1@')}?sig=key2#key3"
    ended = boot(**{**fault, "release_url": signed})
    assert ended.status == 1
    assert f"{plain} " in ended.last
    assert "key" not in f"{ended.said}{Path('/etc/motd').read_text()}"


def test_images_of_elsewhere_are_taken_and_nothing_is_built(boot: Boot, release: str) -> None:
    url = f"{release.rpartition('/')[0]}/images.tar"
    ended = boot(images_url=url, images_sha256=hashlib.sha256(IMAGES).hexdigest())
    assert ended.status == 0, ended.said
    lines = [line for line in ended.done.splitlines() if "update" not in line]
    assert lines[1].endswith("/var/cache/faasd/faasd.deb")
    assert lines[2:] == [
        "faasd install --no-firewall --no-domain",
        "faasd core-images import /var/cache/faasd/images.tar",
        "faasd start",
        "faasd status",
    ]
    assert [path.name for path in Path("/var/cache/faasd").iterdir()] == ["faasd.deb"]


def test_images_with_another_checksum_are_named_and_nothing_is_installed(
    boot: Boot, release: str
) -> None:
    url = f"{release.rpartition('/')[0]}/images.tar"
    ended = boot(images_url=url, images_sha256="0" * 64)
    assert "FAILED while fetching the images" in ended.last
    assert f"{url} has SHA-256 {hashlib.sha256(IMAGES).hexdigest()}, not {'0' * 64}" in ended.last
    assert "faasd.deb" not in ended.done


def test_an_apt_that_fails_is_named(boot: Boot) -> None:
    ended = boot(environment={"APT_STATUS": "100"})
    assert ended.status == 1
    assert "FAILED while asking apt for what the installation needs: apt's mirror" in ended.last


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"release_url": ""}, "not the URL of a .deb"),
        ({"release_sha256": "abc"}, "is not 64 hexadecimal digits"),
        ({"images_url": "images.tar"}, "not a URL"),
        ({"images_url": "https://example.com/images.tar"}, "images_sha256 in"),
        ({"firewall": "maybe"}, "not yes or no"),
        ({"domain": "faasd.example.com"}, "is set, but email is not"),
        ({"data_device": "/dev/null", "release_sha256": ""}, "is not 64 hexadecimal digits"),
    ],
)
def test_a_setting_that_cannot_be_is_named_before_anything_is_done(
    boot: Boot, given: dict[str, str], said: str
) -> None:
    ended = boot(**given)
    assert ended.status == 1
    assert ended.last.startswith("faasd: FAILED while checking the settings: ")
    assert said in ended.last
    assert ended.done == ""


def test_a_misspelt_setting_is_named_before_anything_is_done(boot: Boot, release: str) -> None:
    ended = boot(relase_url=release)
    assert ended.status == 1
    assert "FAILED while checking the settings: " in ended.last
    assert "first-boot.conf has the unknown setting relase_url. " in ended.last
    assert ended.done == ""


@pytest.fixture
def cloud_config() -> Iterator[Path]:
    """What cloud-init keeps of user-data."""
    file = Path("/var/lib/cloud/instance/cloud-config.txt")
    file.parent.mkdir(parents=True)
    yield file
    shutil.rmtree("/var/lib/cloud/instance")


def test_a_misspelt_key_of_the_cloud_config_is_named_before_anything_is_done(
    boot: Boot, cloud_config: Path
) -> None:
    cloud_config.write_text("#cloud-config\nswop: {}\nhostname: edge\nssh_authorised_keys: []\n")
    ended = boot()
    assert ended.status == 1
    assert "cloud-init does not know and left out: ssh_authorised_keys swop (" in ended.last
    assert str(cloud_config) in ended.last
    assert ended.done == ""


def test_other_keys_of_cloud_init_are_nobodys_mistake(boot: Boot, cloud_config: Path) -> None:
    cloud_config.write_text("#cloud-config\nswap: {size: 1G}\nusers: [default]\nntp: {}\n")
    assert boot().status == 0


@pytest.mark.parametrize(
    ("system", "said"),
    [('ID=ubuntu\nVERSION_ID="22.04"\n', "has Python 3.10"), ("ID=arch\n", "needs Debian 12")],
)
def test_a_system_that_cannot_run_it_is_refused(boot: Boot, system: str, said: str) -> None:
    file = Path("/etc/os-release")
    kept = file.read_text()
    file.unlink()
    file.write_text(system)
    try:
        ended = boot()
    finally:
        file.write_text(kept)
    assert ended.status == 1
    assert said in ended.last


def test_a_given_password_is_the_nodes_and_readable_by_root_alone(boot: Boot) -> None:
    boot(password="a-password-of-enough-letters")
    file = Path("/var/lib/faasd/secrets/basic-auth-password")
    assert file.read_text() == "a-password-of-enough-letters"
    assert file.stat().st_mode & 0o777 == 0o600


def choices_of(ended: Ended) -> Choices:
    """Return what the node takes from the options that it was set up with."""
    (line,) = [line for line in ended.done.splitlines() if line.startswith("faasd install ")]
    with install.make_context("install", line.split()[2:]) as context:
        return choose(Choices(), context.params)


@pytest.mark.parametrize("firewall", ["yes", "no"])
def test_the_node_is_told_of_the_firewall(boot: Boot, firewall: str) -> None:
    assert choices_of(boot(firewall=firewall)) == Choices(firewall=firewall)


def test_with_a_domain_caddy_is_installed_and_the_node_told_of_domain_and_address(
    boot: Boot,
) -> None:
    ended = boot(firewall="yes", domain="faasd.example.com", email="admin@example.com")
    assert choices_of(ended) == Choices(
        domain="faasd.example.com", email="admin@example.com", firewall="yes"
    )
    assert "/faasd.deb mmdebstrap umoci python3-pip caddy\n" in ended.done
    assert "https://faasd.example.com, user admin" in ended.last


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[str]:
    file = tmp_path / "disk"
    with file.open("wb") as opened:
        opened.truncate(32 << 20)
    words = ["losetup", "--find", "--show", str(file)]
    device = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    yield device
    subprocess.run(["losetup", "--detach", device], check=True)


def test_an_empty_disk_is_formatted_and_holds_functions_and_login(boot: Boot, disk: str) -> None:
    ended = boot(data_device=f"/dev/absent {disk}")
    assert ended.status == 0, ended.said
    assert Path("/srv/faasd/faasd/secrets/basic-auth-user").read_text() == "admin\n"
    assert all(Path(mount).is_mount() for mount in MOUNTS)
    unit = Path("/etc/systemd/system/faasd-provider.service.d/data.conf").read_text()
    assert "AssertPathIsMountPoint=/var/lib/faasd-provider" in unit
    unmount()


def test_a_disk_that_holds_data_is_taken_over_as_it_is(boot: Boot, disk: str) -> None:
    boot(data_device=disk)
    Path("/var/lib/faasd-provider/functions.db").write_text("precious")
    unmount()
    Path("/etc/fstab").write_text("")
    assert boot(data_device=disk).status == 0
    assert Path("/var/lib/faasd-provider/functions.db").read_text() == "precious"
    unmount()


def test_a_disk_with_something_else_on_it_is_not_formatted(boot: Boot, disk: str) -> None:
    subprocess.run(["mkswap", disk], check=True, capture_output=True)
    ended = boot(data_device=disk)
    assert f"{disk} holds something else than an ext4 filesystem" in ended.last
    kind = subprocess.run(
        ["blkid", "-s", "TYPE", "-o", "value", disk], capture_output=True, text=True, check=True
    )
    assert kind.stdout == "swap\n"


def unmount() -> None:
    for mount in MOUNTS:
        subprocess.run(["umount", mount], check=True)
