"""Linux capabilities of containers (capabilities(7))."""

from collections.abc import Iterable

DEFAULT = frozenset(
    {
        "CAP_AUDIT_WRITE",
        "CAP_CHOWN",
        "CAP_DAC_OVERRIDE",
        "CAP_FOWNER",
        "CAP_FSETID",
        "CAP_KILL",
        "CAP_MKNOD",
        "CAP_NET_BIND_SERVICE",
        "CAP_NET_RAW",
        "CAP_SETFCAP",
        "CAP_SETGID",
        "CAP_SETPCAP",
        "CAP_SETUID",
        "CAP_SYS_CHROOT",
    }
)
"""What images made for Docker expect to have."""


def effective_capabilities(add: Iterable[str], drop: Iterable[str]) -> frozenset[str]:
    """Return the default set without `drop` (``ALL`` is every one) and with `add`.

    Names are taken with and without ``CAP_``, as compose files write them.
    """
    dropped = {_full(name) for name in drop}
    kept = frozenset() if "CAP_ALL" in dropped else DEFAULT - dropped
    return kept | {_full(name) for name in add}


def _full(name: str) -> str:
    upper = name.upper()
    return upper if upper.startswith("CAP_") else f"CAP_{upper}"
