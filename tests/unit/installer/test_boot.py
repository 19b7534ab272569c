from pathlib import Path

from faasd.installer.boot import prepare_run_directory, write_name_files
from faasd.installer.paths import RUN_DIR, Machine


def test_functions_find_the_core_services_at_the_bridge(tmp_path: Path) -> None:
    machine = Machine(root=tmp_path)
    prepare_run_directory(machine)
    write_name_files(machine, "10.62.0.1")
    pairs = [line.split() for line in (machine.at(RUN_DIR) / "hosts").read_text().splitlines()]
    for name in ("gateway", "nats", "prometheus", "faasd-provider"):
        assert ["10.62.0.1", name] in pairs


def test_functions_resolve_as_the_node_does(tmp_path: Path) -> None:
    machine = Machine(root=tmp_path)
    machine.at("/etc").mkdir()
    machine.at("/etc/resolv.conf").write_text("nameserver 192.0.2.1\n")
    write_name_files(machine, "10.62.0.1")
    assert "nameserver 192.0.2.1" in (machine.at(RUN_DIR) / "resolv.conf").read_text()
