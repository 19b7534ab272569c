from pathlib import Path

import yaml

from faasd.supervisor.compose.load import load_compose

ASSETS = Path(__file__).parents[3] / "distro" / "faasd" / "assets"
SERVICES = load_compose(ASSETS / "docker-compose.yaml", {})


def test_the_shipped_file_starts_the_queue_first_and_its_worker_last() -> None:
    names = [service.name for service in SERVICES]

    assert set(names) == {"nats", "prometheus", "gateway", "router", "queue-worker"}
    assert names.index("nats") < names.index("gateway") < names.index("router")
    assert names[-1] == "queue-worker"


def test_no_shipped_service_is_root_unlimited_unchecked_or_privileged() -> None:
    for service in SERVICES:
        assert service.user.partition(":")[0] not in ("", "0", "root"), service.name
        assert service.limits.memory, service.name
        assert service.healthcheck, service.name
        assert (service.cap_add, service.cap_drop) == ((), ("ALL",)), service.name


def test_only_the_front_door_is_open_to_other_machines() -> None:
    published = {str(port) for service in SERVICES for port in service.ports}

    assert published == {"0.0.0.0:8080/tcp", "127.0.0.1:9090/tcp"}


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
