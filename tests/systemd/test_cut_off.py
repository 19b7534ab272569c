"""A restore that a power cut ended, undone by the boot after it."""

import json

from faasd.installer.backup.swap import JOURNAL
from tests.systemd.node import Node

PASSWORD = "/var/lib/faasd/secrets/basic-auth-password"
SETTINGS = "/etc/default/faasd-provider"
DATABASE = "/var/lib/faasd-provider/functions.db"


def test_a_boot_after_a_power_cut_in_a_restore_is_as_before_the_restore(node: Node) -> None:
    guest = node.guest
    kept = guest.root / SETTINGS[1:]
    kept.write_text("write_timeout=61s\n")
    password = (guest.root / PASSWORD[1:]).read_text()
    guest.run("faasd", "stop")
    _cut_off(node)

    guest.reboot()

    node.wait_whole()
    assert (guest.root / PASSWORD[1:]).read_text() == password
    assert node.front().names() == {"echo", "static"}
    assert not (guest.root / JOURNAL[1:]).exists()
    process = node.main_pid("faasd-provider.service")
    assert "write_timeout=61s" in guest.run("cat", f"/proc/{process}/environ").split("\0")
    assert guest.run("systemctl", "--failed", "--no-legend").strip() == ""
    kept.unlink()
    node.renew("faasd-provider.service")


def _cut_off(node: Node) -> None:
    """Leave what `commit` leaves before the last new file is in place: none where one was."""
    paths = [node.guest.root / path[1:] for path in (PASSWORD, SETTINGS, DATABASE)]
    inside = [PASSWORD, SETTINGS, DATABASE]
    journal = node.guest.root / JOURNAL[1:]
    journal.write_text(json.dumps({"paths": inside, "is_done": False}))
    for path in paths:
        path.rename(path.with_name(f".{path.name}.before-restore"))
    paths[0].write_text("another")
    paths[1].write_text("write_timeout=1s\n")
