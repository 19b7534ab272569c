import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import Unsatisfiable
from faasd.node.domain.blueprint import Blueprint, ContainerUser
from faasd.node.domain.container import ContainerSpec, Limits, Mount
from faasd.node.domain.image import Image, ImageConfig, Platform
from faasd.node.domain.oci.capabilities import DEFAULT, effective_capabilities
from faasd.node.domain.oci.mounts import build_mounts
from faasd.node.domain.oci.process import arguments, build_process, environment
from faasd.node.domain.oci.resources import build_resources
from faasd.node.domain.oci.seccomp import build_seccomp
from faasd.node.domain.oci.spec import SHIM_GROUP, build_runtime_spec

WORDS = st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=3).map(tuple)


def blueprint(
    spec: dict[str, object] | None = None,
    config: dict[str, object] | None = None,
    user: ContainerUser | None = None,
) -> Blueprint:
    wanted: dict[str, object] = {"namespace": "ns", "id": "fn.1.0", "name": "fn", "image": "i:1"}
    said: dict[str, object] = {"platform": Platform(architecture="amd64"), "diff_ids": ()}
    made = ImageConfig(**(said | {"entrypoint": ("/e",)} | (config or {})))  # type: ignore[arg-type]
    return Blueprint(
        spec=ContainerSpec(**(wanted | (spec or {}))),  # type: ignore[arg-type]
        image=Image(name="i:1", digest="sha256:0", config=made, chain_id=""),
        user=user or ContainerUser(),
        mounts=(),
        network_path="/run/netns/x",
        address="10.62.0.2",
    )


@given(WORDS, WORDS)
def test_the_image_says_what_to_run(entrypoint: tuple[str, ...], command: tuple[str, ...]) -> None:
    made = blueprint(config={"entrypoint": entrypoint, "command": command})

    assert arguments(made) == entrypoint + command


@given(WORDS, WORDS)
def test_a_given_entrypoint_drops_the_images_command(
    given_words: tuple[str, ...], command: tuple[str, ...]
) -> None:
    made = blueprint(spec={"entrypoint": given_words}, config={"command": command})

    assert arguments(made) == given_words


def test_a_given_command_follows_the_images_entrypoint() -> None:
    made = blueprint(spec={"command": ("b",)}, config={"entrypoint": ("/e",), "command": ("a",)})

    assert arguments(made) == ("/e", "b")


def test_nothing_to_run_is_refused() -> None:
    with pytest.raises(Unsatisfiable, match="nothing to run"):
        arguments(blueprint(config={"entrypoint": ()}))


def test_env_of_the_spec_is_on_top_of_the_images() -> None:
    made = blueprint(spec={"env": {"A": "2", "C": "3"}}, config={"env": {"A": "1", "B": "1"}})

    env = environment(made)

    assert (env["A"], env["B"], env["C"]) == ("2", "1", "3")
    assert env["PATH"]
    assert env["HOSTNAME"] == "fn"


def test_home_is_the_users() -> None:
    assert (
        environment(blueprint(user=ContainerUser(uid=7, home="/home/app")))["HOME"] == "/home/app"
    )


def test_root_holds_the_default_capabilities_and_others_none() -> None:
    root = build_process(blueprint())["capabilities"]
    other = build_process(blueprint(user=ContainerUser(uid=7)))["capabilities"]

    assert set(root["effective"]) == DEFAULT
    assert other["effective"] == other["permitted"] == []
    assert set(other["bounding"]) == DEFAULT


def test_capabilities_are_named_with_and_without_cap() -> None:
    assert effective_capabilities(("net_admin",), ("ALL",)) == {"CAP_NET_ADMIN"}
    assert effective_capabilities((), ("CAP_CHOWN", "kill")) == DEFAULT - {"CAP_CHOWN", "CAP_KILL"}


def test_no_process_gains_privileges_and_no_limit_is_raised() -> None:
    process = build_process(blueprint())

    assert process["noNewPrivileges"] is True
    assert "rlimits" not in process


def test_memory_counts_swap_and_cpu_is_a_share_of_a_period() -> None:
    resources = build_resources(Limits(memory=64 * 2**20, cpu=250, pids=7))

    assert resources["memory"] == {"limit": 64 * 2**20, "swap": 64 * 2**20}
    assert resources["cpu"] == {"quota": 25_000, "period": 100_000}
    assert resources["pids"] == {"limit": 7}


def test_memory_that_may_be_swapped_is_limited_alone() -> None:
    resources = build_resources(Limits(memory=64 * 2**20, swappable=True))

    assert resources["memory"] == {"limit": 64 * 2**20}


def test_requests_are_a_claim_where_there_is_not_enough_for_all() -> None:
    resources = build_resources(Limits(memory_request=32 * 2**20, cpu_request=500))

    assert resources["memory"] == {"reservation": 32 * 2**20}
    assert resources["cpu"] == {"shares": 512}
    assert build_resources(Limits(cpu_request=1))["cpu"] == {"shares": 2}
    assert build_resources(Limits(cpu_request=10**9))["cpu"] == {"shares": 262_144}


def test_without_limits_only_processes_are_limited() -> None:
    resources = build_resources(Limits())

    assert "memory" not in resources
    assert "cpu" not in resources
    assert resources["pids"] == {"limit": 4096}


def test_every_device_is_denied_before_a_few_are_allowed() -> None:
    devices = build_resources(Limits())["devices"]

    assert isinstance(devices, list)
    assert devices[0] == {"allow": False, "access": "rwm"}
    assert all(device["allow"] for device in devices[1:])


def test_only_a_read_only_root_has_a_tmp_of_its_own() -> None:
    targets = [mount["destination"] for mount in build_mounts(blueprint())]
    read_only = [m["destination"] for m in build_mounts(blueprint({"read_only_root": True}))]

    assert "/tmp" not in targets
    assert "/tmp" in read_only


def test_mounts_are_read_only_unless_asked_otherwise() -> None:
    made = blueprint()
    mounts = (Mount(source="/a", target="/x"), Mount(source="/b", target="/y", read_only=False))
    made = Blueprint(
        spec=made.spec,
        image=made.image,
        user=made.user,
        mounts=mounts,
        network_path=None,
        address=None,
    )

    one, two = build_mounts(made)[-2:]

    assert "ro" in one["options"]
    assert "rw" in two["options"]
    assert {"nosuid", "nodev"} <= set(one["options"]) & set(two["options"])


def test_the_whole_names_cgroup_network_and_shim_group() -> None:
    spec = build_runtime_spec(blueprint({"shim_group": "group-1"}))
    linux = spec["linux"]

    assert isinstance(linux, dict)
    assert linux["cgroupsPath"] == "/ns/fn.1.0"
    assert {"type": "network", "path": "/run/netns/x"} in linux["namespaces"]
    assert spec["annotations"] == {SHIM_GROUP: "group-1"}


@pytest.mark.parametrize("architecture", ["amd64", "arm64", "arm"])
def test_system_calls_that_reach_the_machine_need_their_capability(architecture: str) -> None:
    without = _allowed(build_seccomp(architecture, DEFAULT))
    with_admin = _allowed(build_seccomp(architecture, DEFAULT | {"CAP_SYS_ADMIN"}))

    assert not {"mount", "unshare", "setns", "bpf", "init_module", "reboot"} & without
    assert {"mount", "unshare", "setns"} <= with_admin
    assert {"read", "futex", "execve", "clock_gettime"} <= without


def test_a_profile_names_its_architectures() -> None:
    assert build_seccomp("arm", DEFAULT)["architectures"] == ["SCMP_ARCH_ARM"]
    # Programs of 32 bits run; x32, which Debian has turned off, would be compiled at each start.
    assert build_seccomp("amd64", DEFAULT)["architectures"] == [
        "SCMP_ARCH_X86_64",
        "SCMP_ARCH_X86",
    ]


def _allowed(profile: dict[str, object]) -> set[str]:
    rules = profile["syscalls"]
    assert isinstance(rules, list)
    return {name for rule in rules if "args" not in rule for name in rule["names"]}
