"""What the programs that stay in memory load: each module more is there for good."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
NETWORKS = """
import tempfile
from faasd.node.domain.settings import NodeSettings
from faasd.node.open import open_node
import faasd.node.adapters.cni.namespaces
with tempfile.TemporaryDirectory() as own:
    open_node(NodeSettings(state_dir=own, run_dir=own)).close()
"""
"""All that a first function brings, beside what starting loads."""
PROGRAMS = {
    "provider": f"import provider_app.app, provider_app.services.provider\n{NETWORKS}",
    "gunicorn's master": (
        "sys.modules['pkg_resources'] = type(sys)('pkg_resources')\n"
        "import provider_app.serve, gunicorn.app.wsgiapp\n"
        "import provider_app.gunicorn_arbiter, provider_app.gunicorn_worker"
    ),
    "gateway": "sys.modules['gunicorn.config'] = None\nimport faasd.gateway.open",
    "queue-worker": "sys.modules['gunicorn.config'] = None\nimport faasd.queue_worker.run",
}
NOWHERE = {"yaml", "unittest", "readline", "setuptools", "requests", "urllib3"}
NEVER = {
    "gunicorn's master": NOWHERE | {"flask", "sqlite3", "http.client", "json", "faasd.node.open"},
    "provider": NOWHERE | {"pyroute2.ndb", "pyroute2.iproute", "aiohttp", "nats"},
    "gateway": NOWHERE | {"grpc", "google", "flask", "gunicorn", "sqlite3", "pyroute2", "jinja2"},
    "queue-worker": NOWHERE | {"grpc", "google", "flask", "gunicorn", "sqlite3", "pyroute2"},
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_stays_in_memory_loads_nothing_large_that_it_does_not_need(program: str) -> None:
    assert not NEVER[program] & _loaded_by(PROGRAMS[program])


def test_netlink_is_there_when_it_is_asked_for() -> None:
    code = (
        "from faasd.node.adapters.cni.parts_of_pyroute2 import open_netlink\n"
        "with open_netlink() as kernel: assert kernel.link_lookup(ifname='lo')"
    )
    loaded = _loaded_by(code)
    assert "pyroute2.iproute" in loaded
    assert "pyroute2.ndb" not in loaded


def _loaded_by(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{TOP}/distro:{TOP}"},
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())
