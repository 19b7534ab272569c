"""The default seccomp profile: which system calls a container may make.

Calls that are not listed fail with EPERM, as Docker's and containerd's default profiles have it
and images expect; calls of kernels newer than the list fail with ENOSYS by libseccomp's rules.
"""

from collections.abc import Mapping
from functools import cache

from faasd.node.domain.oci import syscalls

ALLOW = "SCMP_ACT_ALLOW"
EPERM = 1
ENOSYS = 38

# Each is a filter of its own that runc compiles at each start, for some milliseconds. x32 is left
# out: Debian's kernels have it turned off, and what is not named here may call nothing.
_ARCHITECTURES: Mapping[str, list[str]] = {
    "amd64": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
    "arm64": ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
    "arm": ["SCMP_ARCH_ARM"],
}

_AF_VSOCK = 40
_CLONE_NEW_NAMESPACES = 0x7E020000
_PERSONALITIES = (0x0, 0x0008, 0x20000, 0x20008, 0xFFFFFFFF)


@cache
def build_seccomp(architecture: str, capabilities: frozenset[str]) -> dict[str, object]:
    """Return ``linux.seccomp`` for an architecture and what a container may do."""
    allowed = set(syscalls.ALWAYS) | set(syscalls.BY_ARCHITECTURE.get(architecture, ()))
    for capability in capabilities:
        allowed |= set(syscalls.BY_CAPABILITY.get(capability, ()))
    rules: list[dict[str, object]] = [{"names": sorted(allowed), "action": ALLOW}]
    rules += [_personality(value) for value in _PERSONALITIES]
    rules.append(_unless("socket", _AF_VSOCK, "SCMP_CMP_NE"))
    if "CAP_SYS_ADMIN" not in capabilities:
        rules += [_clone_without_namespaces(), _not_there("clone3")]
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": EPERM,
        "architectures": _ARCHITECTURES.get(architecture, []),
        "syscalls": rules,
    }


def _personality(value: int) -> dict[str, object]:
    return _unless("personality", value, "SCMP_CMP_EQ")


def _unless(name: str, value: int, operator: str) -> dict[str, object]:
    argument = {"index": 0, "value": value, "op": operator}
    return {"names": [name], "action": ALLOW, "args": [argument]}


def _clone_without_namespaces() -> dict[str, object]:
    """A thread or process is made by clone; a namespace is not."""
    argument = {
        "index": 0,
        "value": _CLONE_NEW_NAMESPACES,
        "valueTwo": 0,
        "op": "SCMP_CMP_MASKED_EQ",
    }
    return {"names": ["clone"], "action": ALLOW, "args": [argument]}


def _not_there(name: str) -> dict[str, object]:
    """Its flags lie in memory, where no filter sees them; ENOSYS makes libc fall back to clone."""
    return {"names": [name], "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS}
