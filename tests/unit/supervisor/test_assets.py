from pathlib import Path

import yaml

from faasd.supervisor.binds import list_binds
from faasd.supervisor.compose.load import load_compose
from faasd.supervisor.compose.values import Port

ASSETS = Path(__file__).parents[3] / "distro" / "faasd" / "assets"
SERVICES = load_compose(ASSETS / "docker-compose.yaml", {})


def test_the_front_door_waits_for_nothing_and_the_queue_for_its_store() -> None:
    names = [service.name for service in SERVICES]
    waits = {service.name: set(service.depends_on) for service in SERVICES if service.depends_on}

    assert set(names) == {"nats", "prometheus", "gateway", "router", "queue-worker"}
    assert waits == {"gateway": {"nats"}, "queue-worker": {"nats"}}


def test_the_front_door_has_the_nodes_own_network_and_so_does_what_it_calls() -> None:
    own = {service.name for service in SERVICES if service.host_network}

    assert own == {"router", "gateway"}


def test_the_front_door_listens_where_the_environment_says() -> None:
    moved = load_compose(ASSETS / "docker-compose.yaml", {"ROUTER_BIND": "192.0.2.1:80"})

    assert {s.name: list(list_binds(s)) for s in SERVICES if s.host_network} == {
        "router": [("ROUTER_BIND", Port(address="0.0.0.0", published=8080, target=8080))],
        "gateway": [],
    }
    assert [str(port) for s in moved for _, port in list_binds(s)] == ["192.0.2.1:80/tcp"]


def test_no_shipped_service_is_root_unlimited_unchecked_or_privileged() -> None:
    for service in SERVICES:
        assert service.user.partition(":")[0] not in ("", "0", "root"), service.name
        assert service.limits.memory, service.name
        assert service.healthcheck, service.name
        assert (service.cap_add, service.cap_drop) == ((), ("ALL",)), service.name


def test_nothing_but_the_front_door_is_open_to_other_machines() -> None:
    published = {str(port) for service in SERVICES for port in service.ports}

    assert published == {"127.0.0.1:9090/tcp"}


def test_prometheus_scrapes_services_there_are() -> None:
    config = yaml.safe_load((ASSETS / "prometheus.yml").read_text())
    targets = [
        t for job in config["scrape_configs"] for c in job["static_configs"] for t in c["targets"]
    ]

    hosts = {target.partition(":")[0] for target in targets}

    assert hosts <= {service.name for service in SERVICES} | {"localhost", "faasd-provider"}


def test_each_local_image_is_one_that_we_build() -> None:
    built = {path.parent.name for path in (ASSETS.parents[1] / "core-image").glob("*/image")}

    for service in SERVICES:
        registry, _, name = service.image.partition("/faasd/")
        assert registry != "localhost" or name.partition(":")[0] in built
