"""Makes `docker save` archives of programs that are compiled here."""

import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).parent / "program.c"
PASSWD = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n"
GROUP = "root:x:0:\napp:x:1000:\n"


@dataclass(frozen=True, kw_only=True)
class SavedImage:
    """One image of an archive.

    Attributes:
        layer: the bytes of its only layer, a tar file.
        config: what it says of running it, as in the image's own configuration.
    """

    name: str
    layer: bytes
    config: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Rootfs:
    """What a layer holds beside the directories and users that all have.

    Attributes:
        programs: contents by path.
        links: targets by path.
    """

    programs: Mapping[str, bytes]
    links: Mapping[str, str] = field(default_factory=dict)


def make_archive(
    target: Path, programs: Sequence[str], names: Sequence[str], architecture: str = ""
) -> None:
    """Write to `target` one image for each of `programs`, called as in `names`.

    They claim to be for `architecture`, which is this machine's where it is empty.
    """
    compiled = compile_program(SOURCE, target.with_suffix(".bin"))
    links = {f"bin/{program}": "program" for program in programs}
    layer = make_layer(Rootfs(programs={"bin/program": compiled}, links=links))
    images = [
        SavedImage(name=name, layer=layer, config=make_config(f"/bin/{program}"))
        for program, name in zip(programs, names, strict=True)
    ]
    write_archive(target, images, architecture)


def compile_program(source: Path, target: Path) -> bytes:
    """Compile a static program to `target` and return it."""
    options = ("-D_GNU_SOURCE=", "-std=c11", "-Wall", "-Wextra", "-Werror", "-Os", "-static", "-s")
    subprocess.run(["gcc", *options, "-o", str(target), str(source)], check=True, timeout=60)
    return target.read_bytes()


def make_layer(rootfs: Rootfs) -> bytes:
    """Return a layer: a tar file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as layer:
        for directory in ("bin", "etc", "tmp", "proc", "sys", "dev", "var"):
            entry = tarfile.TarInfo(directory)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if directory == "tmp" else 0o755
            layer.addfile(entry)
        _add(layer, "etc/passwd", PASSWD.encode())
        _add(layer, "etc/group", GROUP.encode())
        for path, content in rootfs.programs.items():
            _add(layer, path, content, mode=0o755)
        for path, linked in rootfs.links.items():
            link = tarfile.TarInfo(path)
            link.type, link.linkname = tarfile.SYMTYPE, linked
            layer.addfile(link)
    return buffer.getvalue()


def make_config(*entrypoint: str, user: str = "", **env: str) -> Mapping[str, object]:
    """Return what an image says of running it."""
    pairs = {"PATH": "/bin", **env}
    return {
        "Entrypoint": list(entrypoint),
        "Env": [f"{name}={value}" for name, value in pairs.items()],
        "User": user,
    }


def write_archive(target: Path, images: Sequence[SavedImage], architecture: str = "") -> None:
    """Write images to `target`; they claim to be for `architecture`, or else for this machine."""
    architecture = architecture or _own_architecture()
    with tarfile.open(target, "w") as archive:
        manifest, written = [], set()
        for number, image in enumerate(images):
            digest = hashlib.sha256(image.layer).hexdigest()
            config, layer = f"{number}.json", f"{digest}.tar"
            if digest not in written:
                _add(archive, layer, image.layer)
            written.add(digest)
            _add(archive, config, _document(image, digest, architecture))
            manifest.append({"Config": config, "RepoTags": [image.name], "Layers": [layer]})
        _add(archive, "manifest.json", json.dumps(manifest).encode())


def _own_architecture() -> str:
    command = ["dpkg", "--print-architecture"]
    found = subprocess.run(command, check=True, capture_output=True, text=True, timeout=10)
    return {"armhf": "arm"}.get(found.stdout.strip(), found.stdout.strip())


def _document(image: SavedImage, digest: str, architecture: str) -> bytes:
    return json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "config": image.config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            "history": [{"created_by": "tests/programs"}],
        }
    ).encode()


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))
