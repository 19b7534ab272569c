"""Makes a `docker save` archive of the programs: one image each, all of one layer."""

import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

SOURCE = Path(__file__).parent / "program.c"
PASSWD = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n"
GROUP = "root:x:0:\napp:x:1000:\n"


def make_archive(
    target: Path, programs: Sequence[str], names: Sequence[str], architecture: str = ""
) -> None:
    """Write to `target` one image for each of `programs`, called as in `names`.

    They claim to be for `architecture`, which is this machine's where it is empty.
    """
    architecture = architecture or _own_architecture()
    layer = _layer(_compile(target.with_suffix(".bin")), programs)
    with tarfile.open(target, "w") as archive:
        _add(archive, "layer.tar", layer)
        manifest = []
        for program, name in zip(programs, names, strict=True):
            config = _config(program, layer, architecture)
            _add(archive, f"{program}.json", config)
            manifest.append(
                {"Config": f"{program}.json", "RepoTags": [name], "Layers": ["layer.tar"]}
            )
        _add(archive, "manifest.json", json.dumps(manifest).encode())


def _compile(target: Path) -> bytes:
    options = ("-D_GNU_SOURCE", "-std=c11", "-Wall", "-Wextra", "-Werror", "-Os", "-static", "-s")
    subprocess.run(["gcc", *options, "-o", str(target), str(SOURCE)], check=True, timeout=60)
    return target.read_bytes()


def _layer(program: bytes, names: Sequence[str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as layer:
        for directory in ("bin", "etc", "tmp", "proc", "sys", "dev", "var"):
            entry = tarfile.TarInfo(directory)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if directory == "tmp" else 0o755
            layer.addfile(entry)
        _add(layer, "etc/passwd", PASSWD.encode())
        _add(layer, "etc/group", GROUP.encode())
        _add(layer, "bin/program", program, mode=0o755)
        for name in names:
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "program"
            layer.addfile(link)
    return buffer.getvalue()


def _own_architecture() -> str:
    command = ["dpkg", "--print-architecture"]
    found = subprocess.run(command, check=True, capture_output=True, text=True, timeout=10)
    return {"armhf": "arm"}.get(found.stdout.strip(), found.stdout.strip())


def _config(program: str, layer: bytes, architecture: str) -> bytes:
    digest = hashlib.sha256(layer).hexdigest()
    return json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "config": {"Entrypoint": [f"/bin/{program}"], "Env": ["PATH=/bin"]},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            "history": [{"created_by": "tests/programs"}],
        }
    ).encode()


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))
