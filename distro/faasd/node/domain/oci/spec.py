"""The whole specification of a container, as runc reads it (runtime-spec 1.0.2, config.md)."""

from faasd.node.domain.blueprint import Blueprint
from faasd.node.domain.oci.isolation import masked_paths, namespaces, readonly_paths
from faasd.node.domain.oci.mounts import build_mounts
from faasd.node.domain.oci.process import build_process
from faasd.node.domain.oci.resources import build_resources
from faasd.node.domain.oci.seccomp import build_seccomp

VERSION = "1.0.2"
SHIM_GROUP = "io.containerd.runc.v2.group"
"""Containers with the same value share one containerd shim."""


def build_runtime_spec(blueprint: Blueprint) -> dict[str, object]:
    """Return ``config.json`` for a blueprint.

    Raises:
        Unsatisfiable: neither image nor spec says what to run.
    """
    spec = blueprint.spec
    process = build_process(blueprint)
    annotations = dict(spec.annotations)
    if spec.shim_group:
        annotations[SHIM_GROUP] = spec.shim_group
    return {
        "ociVersion": VERSION,
        "hostname": spec.name,
        "root": {"path": "rootfs", "readonly": spec.read_only_root},
        "process": process,
        "mounts": build_mounts(blueprint),
        "annotations": annotations,
        "linux": {
            "namespaces": namespaces(blueprint),
            "cgroupsPath": f"/{spec.namespace}/{spec.id}",
            "resources": build_resources(spec.limits),
            "maskedPaths": masked_paths(),
            "readonlyPaths": readonly_paths(),
            "seccomp": build_seccomp(
                blueprint.image.config.platform.architecture,
                frozenset(process["capabilities"]["bounding"]),
            ),
        },
    }
