"""A node whose data is on a disk of its own is purged: mount points cannot be removed."""

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[3]
POSTRM = TOP / "distro/debian/faasd.postrm"

BY_PACKAGE = """
mount -t tmpfs none /var
mount -t tmpfs none /etc
mkdir -p /var/lib/faasd /var/lib/faasd-provider /var/log/faasd /etc/default
mount -t tmpfs none /var/lib/faasd
mkdir /var/lib/faasd/secrets
touch /var/lib/faasd/secrets/basic-auth-user /var/lib/faasd-provider/functions.db
mkdir /etc/faasd /etc/caddy
touch /etc/default/faasd-provider /etc/faasd/firewall.nft.yours /etc/caddy/faasd.caddy.yours
sh "$1" purge
find /var /etc -mindepth 1 ! -path /var/lib ! -path /var/log ! -path /etc/default ! -path /etc/caddy
"""
BY_COMMAND = """
mount -t tmpfs none "$1"
mkdir -p "$1/var/lib/faasd" "$1/var/lib/faasd-provider"
mount -t tmpfs none "$1/var/lib/faasd"
mkdir "$1/var/lib/faasd/secrets"
touch "$1/var/lib/faasd/secrets/basic-auth-user" "$1/var/lib/faasd-provider/functions.db"
"$2" -P -c '
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from faasd.installer.paths import Machine
from faasd.installer.teardown import remove_data
remove_data(Machine(root=Path(sys.argv[1])))
' "$1" "$3"
find "$1/var/lib" -mindepth 1 -printf '/var/lib/%P\\n'
"""


def apart(script: str, *words: str) -> list[str]:
    """Run a script where nobody else sees what it mounts; return the paths it tells."""
    ended = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-ec", script, "sh", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.split()


def test_the_package_is_purged_with_all_that_the_disk_holds() -> None:
    assert apart(BY_PACKAGE, str(POSTRM)) == ["/var/lib/faasd"]


def test_the_command_purges_all_that_the_disk_holds(tmp_path: Path) -> None:
    left = apart(BY_COMMAND, str(tmp_path), sys.executable, str(TOP / "distro"))
    assert left == ["/var/lib/faasd"]
