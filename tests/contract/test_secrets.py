"""A secret that changes reaches the container that has it, which goes on running."""

import http.client
import json
from contextlib import closing
from pathlib import Path

import pytest

from faasd.node.domain.container import SecretFile
from tests.contract.backends import NAMESPACE
from tests.contract.containerd_backend import ContainerdBackend
from tests.contract.containers import answers, eventually, spec


def secrets_seen(address: str | None) -> dict[str, str]:
    with closing(http.client.HTTPConnection(address or "", 8080, timeout=5)) as asking:
        asking.request("GET", "/")
        found: dict[str, str] = json.loads(asking.getresponse().read())["secrets"]
    return found


@pytest.mark.parametrize("backend", ["containerd"], indirect=True)
@pytest.mark.containerd
@pytest.mark.parametrize("user", ["", "1000:1000"])
def test_a_running_program_reads_the_new_value_where_it_read_the_old(
    backend: ContainerdBackend, tmp_path: Path, user: str
) -> None:
    secret = SecretFile(name="api-key", source=str(tmp_path / "api-key"))
    Path(secret.source).write_text("old")
    made = backend.node.workloads.create(spec(secrets=(secret,), user=user))
    backend.node.workloads.start(NAMESPACE, made.id)
    assert eventually(lambda: answers(made.address))
    assert secrets_seen(made.address) == {"api-key": "old"}

    Path(secret.source).write_text("new")
    backend.node.workloads.update_secret(NAMESPACE, secret)

    assert secrets_seen(made.address) == {"api-key": "new"}
