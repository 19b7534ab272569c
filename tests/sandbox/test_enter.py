"""What runs in a sandbox reaches nothing of this machine, and nothing of it stays."""

import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ENTER = str(Path(__file__).with_name("enter"))


@dataclass(frozen=True)
class Result:
    status: int
    output: str
    errors: str
    pid: int


def run(script: str) -> Result:
    command = [ENTER, "bash", "-c", script]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as sandbox:
        output, errors = sandbox.communicate(timeout=60)
    return Result(sandbox.returncode, output, errors, sandbox.pid)


def cgroups_of(pid: int) -> list[Path]:
    """A sandbox's cgroups are called by the process that made it; one goes when it is empty."""
    return list(Path("/sys/fs/cgroup").rglob(f"faasd-test-{pid}"))


def test_exit_status_and_output_are_the_commands() -> None:
    result = run("echo out; echo err >&2; exit 7")

    assert (result.status, result.output, result.errors) == (7, "out\n", "err\n")


def test_a_process_that_detached_itself_is_gone_with_the_sandbox() -> None:
    result = run("setsid sleep 4321 & setsid -f sleep 4321; echo $TMPDIR")

    assert result.output.startswith("/tmp/fs.")
    assert not Path(result.output.strip()).exists()
    assert cgroups_of(result.pid) == []
    assert "4321" not in subprocess.check_output(["ps", "axww", "-o", "args"], text=True)


def test_a_sandbox_that_is_told_to_end_leaves_nothing() -> None:
    with subprocess.Popen([ENTER, "sleep", "60"]) as sandbox:
        time.sleep(0.5)
        assert cgroups_of(sandbox.pid)
        sandbox.send_signal(signal.SIGTERM)

        assert sandbox.wait(20) != 0

    assert cgroups_of(sandbox.pid) == []


@pytest.mark.parametrize("directory", ["/etc", "/usr", "/var/lib", "/run"])
def test_what_is_written_there_is_not_seen_outside(directory: str) -> None:
    result = run(f"touch {directory}/faasd-sandbox-probe && echo written")

    assert result.output == "written\n"
    assert not Path(directory, "faasd-sandbox-probe").exists()


def test_its_only_network_is_loopback() -> None:
    result = run("ls /sys/class/net; ip -brief address show up | wc -l")

    assert result.output.split() == ["lo", "1"]


def test_kernel_settings_cannot_be_changed_but_those_of_its_network() -> None:
    result = run(
        "cat /proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv4/ip_forward && echo set;"
        "echo 1 >/proc/sys/vm/swappiness || echo refused"
    )

    assert result.output.splitlines()[-2:] == ["set", "refused"]


def test_it_finds_cgroups_where_none_are_mounted() -> None:
    script = f"umount -R -l /sys/fs/cgroup; {ENTER} ls /sys/fs/cgroup"

    result = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "bash", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert result.stdout.split()


def test_a_cgroup_made_in_it_is_removed_with_it() -> None:
    result = run("mkdir $(ls -d /sys/fs/cgroup/pids /sys/fs/cgroup | head -n 1)/made && echo made")

    assert result.output == "made\n", result.errors
    assert cgroups_of(result.pid) == []
