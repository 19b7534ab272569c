"""Where the node keeps and finds its things."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """Paths of one node; tests give another root to each.

    Attributes:
        containerd_socket: containerd's gRPC socket.
        run_dir: rebuilt at every boot (``/run/faasd``): ``netns/``, ``ipam/``, ``replicas/``,
            ``logs/``, ``hosts``, ``resolv.conf``.
        state_dir: kept (``/var/lib/faasd``): ``images/`` for downloads under way,
            ``.docker/config.json`` for registry credentials.
        cni_conflist: the network's configuration.
        cni_plugins: directory of the CNI plugins.
        registries_conf: containers-registries.conf(5) for mirrors and plain-HTTP registries;
            empty for the system's.
        snapshotter: containerd's snapshotter.
        log_dir: where the collector keeps ``NAMESPACE/NAME.log``, unless there is a journal.
        journal_socket: journald listens there, where there is a journal.
        mount_namespace: file of the mount namespace that containerd is in, where it is another than
            this process's.
        opens_metadata: whether containers may ask the cloud's metadata service.
    """

    containerd_socket: str = "/run/containerd/containerd.sock"
    run_dir: str = "/run/faasd"
    state_dir: str = "/var/lib/faasd"
    cni_conflist: str = "/etc/cni/net.d/10-openfaas.conflist"
    cni_plugins: str = "/usr/lib/cni"
    registries_conf: str = ""
    snapshotter: str = "overlayfs"
    log_dir: str = "/var/log/faasd"
    journal_socket: str = "/run/systemd/journal/socket"
    mount_namespace: str = ""
    opens_metadata: bool = False
