import pytest

from faasd.base.errors import InvalidInput
from faasd.node.domain.container import Limits, Mount
from faasd.supervisor.compose.values import Condition, CoreService, Healthcheck, Port, Restart
from tests.unit.supervisor.files import service, services


def test_a_service_needs_an_image_only() -> None:
    assert services("services: {nats: {image: nats}}") == (CoreService(name="nats", image="nats"),)


def test_list_and_map_forms_of_environment_are_the_same() -> None:
    as_list = service("environment: [A=1, B=, 'C=x=y']")
    as_map = service("environment: {A: 1, B: '', C: x=y}")

    assert as_list == as_map
    assert as_map.environment == {"A": "1", "B": "", "C": "x=y"}


def test_a_variable_without_a_value_is_taken_from_outside_or_left_out() -> None:
    found = service("environment: {HERE: , GONE: }", {"HERE": "yes"})

    assert found.environment == {"HERE": "yes"}
    assert found == service("environment: [HERE, GONE]", {"HERE": "yes"})


def test_scalars_stay_as_they_are_written() -> None:
    found = service("environment: {A: no, B: 0777, C: 1.10, D: 12:30, E: on}\nrestart: no")

    assert list(found.environment.values()) == ["no", "0777", "1.10", "12:30", "on"]
    assert found.restart is Restart.NO


def test_short_and_long_volumes_are_the_same() -> None:
    short = service("volumes: ['./nats:/nats:ro', '/etc/x:/x']")
    long = service(
        "volumes:\n"
        "- {type: bind, source: ./nats, target: /nats, read_only: true}\n"
        "- {source: /etc/x, target: /x}"
    )

    assert short == long
    assert short.mounts[0] == Mount(source="./nats", target="/nats", read_only=True)
    assert not short.mounts[1].read_only


def test_ports_bind_where_they_say() -> None:
    found = service("ports: ['127.0.0.1:9090:80', 8080:8081, 8082, 53:53/udp]")

    assert found.ports == (
        Port(address="127.0.0.1", published=9090, target=80),
        Port(address="0.0.0.0", published=8080, target=8081),
        Port(address="0.0.0.0", published=8082, target=8082),
        Port(address="0.0.0.0", published=53, target=53, protocol="udp"),
    )


def test_a_command_is_split_as_a_shell_would() -> None:
    found = service("command: --name 'a b'\nentrypoint: [/bin/x, '-c']")

    assert found.command == ("--name", "a b")
    assert found.entrypoint == ("/bin/x", "-c")


def test_an_empty_command_is_not_the_images() -> None:
    assert service("command: []").command == ()
    assert service("command:").command is None


def test_health_check_in_all_its_forms() -> None:
    shell = Healthcheck(command=("/bin/sh", "-c", "wget x"))

    assert service("healthcheck: {test: wget x}").healthcheck == shell
    assert service("healthcheck: {test: [CMD-SHELL, wget x]}").healthcheck == shell
    assert service("healthcheck: {test: [NONE]}").healthcheck is None
    assert service("healthcheck: {disable: true}").healthcheck is None
    assert service(
        "healthcheck: {test: [CMD, wget, x], interval: 1m30s, timeout: 500ms, "
        "retries: 5, start_period: 0s}"
    ).healthcheck == Healthcheck(command=("wget", "x"), interval=90, timeout=0.5, retries=5)


def test_memory_is_limited_in_one_place_or_the_other() -> None:
    deploy = service("deploy: {resources: {limits: {memory: 64M, cpus: '0.5', pids: 100}}}")

    assert deploy.limits == Limits(memory=64 * 2**20, swappable=True, cpu=500, pids=100)
    assert service("mem_limit: 1.5gb").limits == Limits(memory=3 * 2**29, swappable=True)


def test_capabilities_get_the_kernels_names() -> None:
    found = service("cap_add: [NET_RAW, CAP_CHOWN]\ncap_drop: [all]")

    assert found.cap_add == ("CAP_NET_RAW", "CAP_CHOWN")
    assert found.cap_drop == ("ALL",)


def test_host_network_env_files_user_and_restart_are_taken_over() -> None:
    found = service("network_mode: host\nenv_file: a.env\nuser: '1000:1000'\nrestart: on-failure")

    assert found.host_network
    assert found.env_files == ("a.env",)
    assert (found.user, found.restart) == ("1000:1000", Restart.ON_FAILURE)
    assert service("env_file: [a.env, b.env]").env_files == ("a.env", "b.env")


def test_depends_on_in_both_forms() -> None:
    text = """
services:
  gateway: {image: g, depends_on: {nats: {condition: service_healthy}}}
  worker: {image: w, depends_on: [nats]}
  nats: {image: n, healthcheck: {test: 'true'}}
"""
    found = {one.name: one for one in services(text)}

    assert found["gateway"].depends_on == {"nats": Condition.HEALTHY}
    assert found["worker"].depends_on == {"nats": Condition.STARTED}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("colour: red", "colour is not a known key; known here: .*cap_add"),
        ("healthcheck: {test: x, color: red}", r"healthcheck\.color is not a known key"),
        ("volumes: [{type: tmpfs, source: /x, target: /x}]", r"volumes\[0\]\.type 'tmpfs'"),
        ("volumes: ['data:/data']", r"volumes\[0\] 'data' is a named volume"),
        ("volumes: ['/a:/x', '/b:/x']", r"volumes\[1\] mounts at /x"),
        ("volumes: ['/a:/x:rz']", "mode 'rz'"),
        ("volumes: ['/a:/x/../..']", "absolute path"),
        ("volumes: ['/a']", "no bind mount"),
        ("ports: [http]", r"ports\[0\] 'http' is no port"),
        ("ports: ['1.2.3.4:80']", "is no port"),
        ("ports: ['999.0.0.1:80:80']", "is no port"),
        ("ports: [0]", "between 1 and 65535"),
        ("ports: [70000]", "between 1 and 65535"),
        ("ports: ['80', '127.0.0.1:80:81']", r"ports\[1\] 127.0.0.1:80/tcp is published already"),
        ("network_mode: bridge", "network_mode 'bridge' must be host"),
        ("network_mode: host\nports: [80]", "ports are of no use"),
        ("environment: {A: [1]}", r"environment\.A must be text"),
        ("environment: ['=1']", "no variable"),
        ('command: "it\'s"', "command cannot be split"),
        ("command: {a: b}", "command must be a list"),
        ("restart: sometimes", "restart 'sometimes' is not known"),
        ("cap_add: [ALL]", "name the capabilities"),
        ("mem_limit: 0", "mem_limit '0' is no size"),
        ("mem_limit: lots", "is no size"),
        ("mem_limit: 1m\ndeploy: {resources: {limits: {memory: 2m}}}", "mem_limit differs"),
        ("deploy: {replicas: 2}", r"deploy\.replicas is not a known key"),
        ("deploy: {resources: {limits: {cpus: NaN}}}", r"limits\.cpus 'NaN'"),
        ("deploy: {resources: {limits: {pids: few}}}", r"limits\.pids must be a whole number"),
        ("healthcheck: {test: []}", r"healthcheck\.test must be"),
        ("healthcheck: {test: x, interval: soon}", r"interval 'soon' is no duration"),
        ("healthcheck: {test: x, interval: 0s}", "must be more than zero"),
        ("healthcheck: {test: x, retries: 0}", "must be more than zero"),
        ("depends_on: [gone]", "depends_on names gone"),
        ("depends_on: [nats]", "is a circle: nats → nats"),
        ("depends_on: {nats: {condition: soon}}", "condition 'soon' is not known"),
        ("image:", "there twice"),
    ],
)
def test_what_is_wrong_is_named_with_file_service_and_key(keys: str, said: str) -> None:
    place = "docker-compose.yaml line" if "twice" in said else "docker-compose.yaml: service nats: "
    with pytest.raises(InvalidInput, match=f"{place}.*{said}"):
        service(keys)
