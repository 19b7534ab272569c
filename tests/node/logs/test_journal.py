"""Lines in a real journald, started for the test alone."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from systemd import journal

from faasd.collector import CollectorSettings
from tests.machine.processes import require_sandbox, wait_until
from tests.node.logs.collecting import collecting
from tests.unit.collector.pipes import Printer

SOCKET = Path("/run/systemd/journal/socket")
JOURNALD = "/lib/systemd/systemd-journald"


@pytest.fixture
def journald() -> Iterator[None]:
    """A journald on the sandbox's own /run, which keeps its journal there."""
    require_sandbox()
    SOCKET.parent.mkdir(parents=True, exist_ok=True)
    Path("/run/log/journal").mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen([JOURNALD])
    wait_until(SOCKET.exists, 10, "journald listens")
    yield
    process.terminate()
    process.wait(10)
    SOCKET.unlink()


@pytest.fixture
def settings(tmp_path: Path) -> CollectorSettings:
    return CollectorSettings(run_dir=str(tmp_path / "run"), log_dir=str(tmp_path / "log"))


def entries() -> list[dict[str, object]]:
    (directory,) = Path("/run/log/journal").iterdir()
    with journal.Reader(path=str(directory)) as reader:
        reader.add_match(FAASD_NAMESPACE="openfaas-fn")
        return list(reader)


@pytest.mark.usefixtures("journald")
def test_the_journal_has_each_line_with_who_printed_it(settings: CollectorSettings) -> None:
    out = Printer(settings.pipes_dir, "echo.1.0")
    err = Printer(settings.pipes_dir, "echo.1.0", "stderr")
    with collecting(settings):
        out.print("grüße\n\n" + "x" * 16_000 + "\n")
        err.print(b"caf\xe9\n")
        wait_until(lambda: len(entries()) == 4, 10, "four entries")

    found = sorted((str(one["MESSAGE"]), one["PRIORITY"]) for one in entries())
    assert found == sorted([("grüße", 6), ("", 6), ("x" * 16_000, 6), ("caf\ufffd", 4)])
    for one in entries():
        assert one["SYSLOG_IDENTIFIER"] == "openfaas-fn:echo"
        assert (one["FAASD_NAME"], one["FAASD_INSTANCE"]) == ("echo", "echo.1.0")
    assert not Path(settings.log_dir).exists()
    out.remove()
    err.remove()
