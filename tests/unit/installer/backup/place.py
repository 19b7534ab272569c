"""A machine below a directory, with a node in memory: backed up and restored without root."""

import json
import tarfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from faasd.base.errors import TimedOut
from faasd.cli.restored import read_functions
from faasd.installer.backup.make import Made, Maker, WithImages
from faasd.installer.backup.restore import Restored, Restorer
from faasd.installer.backup.seal import sealing, unsealing
from faasd.installer.paths import Machine
from faasd.installer.setup import setup_steps
from faasd.installer.steps import run_steps
from faasd.node.adapters.memory.images import make_layout
from faasd.node.adapters.memory.world import MemoryWorld
from faasd.node.domain.container import ContainerSpec
from faasd.node.open import Node, open_memory_node
from provider_app.domain.deployment import Deployment
from provider_app.domain.function import Function
from provider_app.services.database import Database
from provider_app.services.store import Store

PASSPHRASE = "correct horse battery"
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@dataclass
class Programs:
    """The programs of a node: what was asked of them, and whether they come up."""

    asked: list[str] = field(default_factory=list)
    comes_up: bool = True
    before_up: Callable[[], object] = lambda: None

    def stop(self) -> str:
        self.asked.append("stop")
        return "stopped"

    def start(self) -> str:
        self.asked.append("start")
        return "started"

    def wait_up(self) -> None:
        self.before_up()
        if not self.comes_up:
            raise TimedOut("waited for the provider")


class Place:
    """One machine."""

    def __init__(self, root: Path) -> None:
        self.machine = Machine(root=root)
        root.mkdir()
        run_steps(setup_steps(self.machine), lambda _: None)
        self.world = MemoryWorld()
        self.node: Node = open_memory_node(self.world)
        self.node.namespaces.ensure("openfaas-fn", {"openfaas": "true"})
        self.programs = Programs()
        self.said: list[str] = []
        self.database = self.at("/var/lib/faasd-provider/functions.db")
        with closing(Database(str(self.database))):
            pass

    def at(self, path: str) -> Path:
        return self.machine.at(path)

    def secret(self, name: str, value: bytes = b"value", namespace: str = "openfaas-fn") -> Path:
        path = self.at(f"/var/lib/faasd-provider/secrets/{namespace}/{name}")
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_bytes(value)
        return path

    def function(
        self,
        name: str,
        secrets: Sequence[str] = (),
        image: str = "a.example/b:1",
        *,
        keep_previous: bool = False,
    ) -> None:
        deployment = Deployment(
            name=name, namespace="openfaas-fn", image=image, secrets=tuple(secrets)
        )
        with closing(Database(str(self.database))) as database:
            store = Store(database)
            generation = store.next_generation()
            store.put(
                Function(
                    deployment=deployment,
                    digest="sha256:1",
                    generation=generation,
                    replicas=1,
                    created_at=NOON,
                ),
                keep_previous=keep_previous,
            )

    def container(self, name: str, generation: int) -> None:
        """Let a container of a function be there."""
        layout = make_layout("a.example/b:1", ("/bin/serve",))
        self.world.registry[layout.name] = layout
        self.node.images.pull("openfaas-fn", self.node.images.resolve(layout.name))
        self.node.workloads.create(
            ContainerSpec(
                namespace="openfaas-fn",
                id=f"{name}.{generation}.0",
                name=name,
                generation=generation,
                image=layout.name,
            )
        )

    def functions(self) -> dict[str, int]:
        """Return the generation of each function."""
        with closing(Database(str(self.database))) as database:
            store = Store(database)
            found = [store.find(key) for key in store.list_keys()]
        return {one.deployment.name: one.generation for one in found if one is not None}

    def generations_before(self) -> dict[str, int]:
        """Return for each function under an update the generation before it."""
        with closing(Database(str(self.database))) as database:
            rows = database.query("SELECT name, generation FROM rollouts")
        return {str(row[0]): int(str(row[1])) for row in rows}

    def leaving(self) -> list[str]:
        with closing(Database(str(self.database))) as database:
            return [str(row[0]) for row in database.query("SELECT name FROM namespaces")]

    def login(self) -> str:
        return self.at("/var/lib/faasd/secrets/basic-auth-password").read_text()

    def back_up(self, file: Path) -> Made:
        maker = Maker(machine=self.machine, node=self.node, read_functions=read_functions)
        return maker.make(file, PASSPHRASE, WithImages.NONE)

    def restore(self, file: Path, *, replace: bool = False, word: str = PASSPHRASE) -> Restored:
        restorer = Restorer(
            machine=self.machine,
            node=self.node,
            read_functions=read_functions,
            programs=self.programs,
            say=self.said.append,
        )
        return restorer.restore(file, word, replace=replace)

    def snapshot(self) -> dict[str, bytes]:
        """Return all files there are, and what they hold; the database by its rows."""
        files = sorted(path for path in self.machine.root.rglob("*") if path.is_file())
        passing = ("functions.db", "functions.db-wal", "functions.db-shm", "functions.db.lock")
        found = {str(one): one.read_bytes() for one in files if one.name not in passing}
        return found | {"functions": json.dumps(self.functions()).encode()}


def forge(file: Path, entries: Sequence[tuple[tarfile.TarInfo, bytes]]) -> Path:
    """Write a backup with the right passphrase and whatever inside."""
    with file.open("wb") as target, sealing(target, PASSPHRASE) as tape:
        for entry, content in entries:
            entry.size = len(content)
            tape.write(entry.tobuf(tarfile.USTAR_FORMAT))
            tape.write(content + bytes(-len(content) % 512))
        tape.write(bytes(1024))
    return file


def unpack(file: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    """Return what is inside a backup."""
    with unsealing(file, PASSPHRASE) as tape:
        content = BytesIO(tape.read())
    with tarfile.open(fileobj=content) as archive:
        return [(one, _read(archive, one)) for one in archive]


def change_list(file: Path, change: Callable[[dict[str, object]], object]) -> Path:
    """Change the list of contents of a backup."""
    entries = unpack(file)
    document = json.loads(entries[0][1])
    change(document)
    entries[0] = (entries[0][0], json.dumps(document).encode())
    return forge(file, entries)


def _read(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(entry)
    return file.read() if file else b""
