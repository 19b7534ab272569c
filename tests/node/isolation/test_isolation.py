"""What a container may not do to its machine, and what it gets from it; on real containers."""

import subprocess
from pathlib import Path

import pytest

from faasd.node.domain.container import Limits, SecretFile
from tests.node.isolation.shell import Shell

MIB = 2**20


def read_status(shell: Shell, field: str, **spec: object) -> str:
    """Return a field of the first process's /proc/self/status."""
    printed = shell.run(f"grep ^{field}: /proc/self/status", **spec)
    return printed.partition(":")[2].strip()


def test_no_process_can_gain_privileges(shell: Shell) -> None:
    assert read_status(shell, "NoNewPrivs") == "1"


def test_system_calls_are_filtered(shell: Shell) -> None:
    assert read_status(shell, "Seccomp") == "2"


@pytest.mark.parametrize(
    "command",
    [
        "mount -t tmpfs none /tmp",
        "unshare -m true",
        "mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk",
        "hostname other",
        "chroot / mount -t proc none /proc",
        "echo 1 > /proc/sys/kernel/panic",
        "sh -c 'mkdir /sys/fs/cgroup/memory/mine || mkdir /sys/fs/cgroup/mine/mine'",
    ],
)
def test_a_container_cannot_reach_beyond_itself_even_as_root(shell: Shell, command: str) -> None:
    assert shell.status(f"busybox {command}" if "echo" not in command else command) != 0


def test_the_clock_cannot_be_set(shell: Shell) -> None:
    assert "Operation not permitted" in shell.run("busybox date -s 2001-01-01")


def test_capabilities_are_the_minimal_set(shell: Shell) -> None:
    held = int(read_status(shell, "CapBnd"), 16)

    assert held == 0xA80425FB


def test_a_user_that_is_not_root_holds_no_capability(shell: Shell) -> None:
    assert int(read_status(shell, "CapEff", user="1000:1000"), 16) == 0


def test_dropped_capabilities_are_gone_and_added_ones_there(shell: Shell) -> None:
    dropped = int(read_status(shell, "CapBnd", capabilities_drop=("ALL",)), 16)
    added = int(
        read_status(shell, "CapBnd", capabilities_drop=("ALL",), capabilities_add=("NET_ADMIN",)),
        16,
    )

    assert dropped == 0
    assert added == 1 << 12


def test_too_much_memory_ends_the_container_and_not_the_machine(shell: Shell) -> None:
    limits = Limits(memory=16 * MIB)

    status = shell.status("busybox tail /dev/zero; exit $?", limits=limits)

    assert status == 137


def test_a_fork_bomb_stops_at_the_limit_of_processes(shell: Shell) -> None:
    script = "i=0; while [ $i -lt 50 ]; do busybox sleep 3 & i=$((i+1)); done; exit 0"

    printed = shell.run(script, limits=Limits(pids=20))

    assert "can't fork" in printed or "Resource temporarily unavailable" in printed


def test_a_cpu_limit_holds(shell: Shell) -> None:
    printed = shell.run(
        "cat /sys/fs/cgroup/cpu.max 2>/dev/null ||"
        " cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us",
        limits=Limits(cpu=250),
    )

    assert printed.split() == ["25000", "100000"]


def test_a_read_only_root_has_a_writable_tmp(shell: Shell) -> None:
    printed = shell.run("echo a > /file; echo b > /tmp/file && cat /tmp/file", read_only_root=True)

    assert "Read-only file system" in printed
    assert printed.endswith("b\n")


def test_secrets_are_for_the_containers_user_alone(shell: Shell, tmp_path: Path) -> None:
    stored = tmp_path / "api-key"
    stored.write_bytes(b"line one\nline two\x00\xff")
    stored.chmod(0o600)

    printed = shell.run(
        "cd /var/openfaas/secrets; stat -c '%u %a' api-key . ; busybox md5sum api-key;"
        " echo x > api-key",
        user="1000:1000",
        secrets=(SecretFile(name="api-key", source=str(stored)),),
    )

    expected = subprocess.run(["md5sum", str(stored)], capture_output=True, text=True, check=True)
    lines = printed.splitlines()
    assert lines[:2] == ["1000 400", "1000 500"]
    assert lines[2].split()[0] == expected.stdout.split()[0]
    assert "Read-only" in lines[3]


def test_hosts_and_resolvers_are_the_nodes(shell: Shell) -> None:
    printed = shell.run("cat /etc/hosts /etc/resolv.conf")

    assert "127.0.0.1\tlocalhost" in printed
    assert "nameserver" in printed
    assert "nameserver 127." not in printed


def test_processes_of_the_machine_are_not_seen(shell: Shell) -> None:
    printed = shell.run("ls -d /proc/[0-9]*")

    assert len(printed.split()) <= 2


@pytest.mark.parametrize("path", ["/proc/kcore", "/proc/keys", "/proc/timer_list"])
def test_what_tells_of_the_machine_reads_as_empty(shell: Shell, path: str) -> None:
    assert shell.run(f"[ ! -e {path} ] || busybox head -c 10 {path}") == ""


def test_usual_devices_are_there(shell: Shell) -> None:
    printed = shell.run("echo x > /dev/null && head -c 4 /dev/urandom | wc -c; ls /dev")

    assert printed.split()[0] == "4"
    assert "vda" not in printed


def test_the_clouds_metadata_service_is_out_of_reach(shell: Shell) -> None:
    subprocess.run(["ip", "address", "add", "169.254.169.254/32", "dev", "lo"], check=True)
    try:
        script = "busybox nc -w 1 169.254.169.254 80 </dev/null; exit $?"
        assert shell.status(script) != 0
    finally:
        subprocess.run(["ip", "address", "delete", "169.254.169.254/32", "dev", "lo"], check=True)


def test_name_user_and_directory_are_as_asked(shell: Shell) -> None:
    printed = shell.run("hostname; id -u; id -g; pwd; echo $FN", user="7:8", env={"FN": "a b"})

    assert printed.splitlines() == ["shell", "7", "8", "/", "a b"]
