"""`faasd collect` as a service manager starts it."""

import subprocess
from pathlib import Path

from tests.machine.processes import command_line, require_sandbox, wait_until
from tests.node.logs.collecting import PYTHON, environment, resident
from tests.node.logs.test_process import IDLE
from tests.unit.collector.pipes import Printer

FAASD = "from faasd.cli import main; main()"
PIPES, KEPT = Path("/run/faasd/logs"), Path("/var/log/faasd/openfaas-fn/fn.log")


def test_the_command_becomes_the_collector_in_the_same_process_and_little_memory() -> None:
    require_sandbox()
    process = subprocess.Popen([PYTHON, "-c", FAASD, "collect"], env=environment())
    wait_until(lambda: "faasd.collector" in command_line(process.pid), 10, "the collector")
    printer = Printer(PIPES, "fn.1.0")
    printer.print("hello\n")

    wait_until(lambda: KEPT.exists() and "hello" in KEPT.read_text(), 10, "the line in the file")

    assert resident(process.pid) <= IDLE
    assert "grpc" not in Path(f"/proc/{process.pid}/maps").read_text()
    process.terminate()
    assert process.wait(10) == 0
    printer.remove()
