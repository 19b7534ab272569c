"""What our package makes of a machine that systemd booted, and who calls it."""

from dataclasses import dataclass

from tests.e2e.client import Client
from tests.machine.processes import wait_until
from tests.systemd.guest import Guest

FRONT = 8080
UNITS = ("faasd.service", "faasd-provider.service")
KEEPER = "faasd.service"
SETTLES = "faasd-settle.service"
ENDS = "faasd-end.service"
CONTAINERD = "containerd.service"
CORE, FUNCTIONS = "openfaas", "openfaas-fn"
SERVICES = ("gateway", "nats", "prometheus", "queue-worker", "router")
ECHO, STATIC = "localhost/echo:latest", "localhost/static:latest"
UP = 90.0


@dataclass
class Node:
    """The node of a booted machine."""

    guest: Guest

    def install(self) -> None:
        """Do what docs/install.md says, without apt's mirrors; deploy two functions."""
        guest = self.guest
        guest.run("apt-get", "-y", "install", "/root/now.deb")
        guest.run("faasd", "install")
        guest.run("faasd", "start")
        for sample in ("echo", "static"):
            guest.run("faasd", "image", "load", f"/root/{sample}.tar")
        wait_until(self.front().is_up, UP, f"the front door\n{self.tell()}")
        self.front().deploy("echo", ECHO)
        self.front().deploy("static", STATIC)
        self.wait_whole()

    def front(self) -> Client:
        """Return a caller of the front door with the generated password."""
        return self._client(FRONT)

    def provider(self) -> Client:
        """Return a caller of the provider itself."""
        return self._client(8081)

    def wait_whole(self, seconds: float = UP) -> float:
        """Wait until units, core services and functions are as they should be."""
        return wait_until(self.is_whole, seconds, f"a whole node\n{self.tell()}")

    def is_whole(self) -> bool:
        """Tell whether they are now."""
        front = self.front()
        ready = all(front.answers(name) for name in ("echo", "static")) and front.is_up()
        return (
            ready
            and set(self.pids(CORE)) == set(SERVICES)
            and all(self.guest.show(unit, "ActiveState") == "active" for unit in UNITS)
        )

    def pids(self, namespace: str) -> dict[str, int]:
        """Return the processes of containers that run, as the machine calls them."""
        listed = self.guest.attempt("ctr", "-n", namespace, "tasks", "ls")
        lines = listed.stdout.splitlines()[1:] if listed.returncode == 0 else []
        rows = [line.split() for line in lines]
        return {row[0]: int(row[1]) for row in rows if row[2:] == ["RUNNING"]}

    def main_pid(self, unit: str) -> int:
        """Return a unit's process; 0 where none runs."""
        return int(self.guest.show(unit, "MainPID"))

    def wait_anew(self, unit: str, before: int, seconds: float = 60) -> float:
        """Wait until another process of a unit serves; return how many seconds it took."""
        return wait_until(
            lambda: (
                self.main_pid(unit) not in (0, before)
                and self.guest.show(unit, "ActiveState") == "active"
            ),
            seconds,
            f"{unit} anew",
        )

    def renew(self, unit: str) -> None:
        """Start a unit's program anew with what its files say now; core services stay."""
        before = self.main_pid(unit)
        if unit == KEEPER:
            self.guest.run("systemctl", "kill", "--kill-whom=main", "--signal=USR1", unit)
        else:
            self.guest.run("systemctl", "restart", unit)
        self.wait_anew(unit, before)

    def tell(self) -> str:
        """Return what a person would look at first."""
        status = self.guest.attempt("faasd", "status").stdout
        journal = self.guest.attempt("journalctl", "--no-pager", "-n", "60").stdout
        return f"{status}\n{journal}"

    def _client(self, port: int) -> Client:
        secrets = self.guest.root / "var/lib/faasd/secrets"
        user, password = (
            (secrets / f"basic-auth-{name}").read_text().strip() for name in ("user", "password")
        )
        return Client("127.0.0.1", port, user, password)
