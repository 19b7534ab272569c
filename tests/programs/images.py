"""Images like those that functions are built into: with either watchdog, and plain HTTP servers."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.programs.archive import (
    SOURCE,
    Rootfs,
    SavedImage,
    compile_program,
    make_config,
    make_layer,
    write_archive,
)

STATIC = Path(__file__).parents[2] / "distro/functions/static/server.c"
WATCHDOG = Path(__file__).parent / "watchdog.c"
TOOLS = ("sh", "cat", "env", "false", "rev", "sleep", "wc")
SCRIPTS = {
    # What it gets is in the function's log.
    "bin/log": b"#!/bin/sh\nexec cat >&2\n",
    # What is posted is kept; what is asked for in any other way is what was kept.
    "bin/keep": b'#!/bin/sh\n[ "$Http_Method" = POST ] || exec cat /tmp/kept\n'
    b"cat >/tmp/body\n{ env; echo; cat /tmp/body; } >/tmp/new\nmv /tmp/new /tmp/kept\n",
}
CONFIGS: Mapping[str, Mapping[str, object]] = {
    "serve": make_config("/bin/serve", VERSION="1"),
    "serve2": make_config("/bin/serve", VERSION="2"),
    "static": make_config("/bin/static", user="1000:1000"),
    "watchdog": make_config("/bin/fwatchdog", user="app", fprocess="cat"),
    "of-watchdog": make_config(
        "/bin/of-watchdog",
        user="app",
        fprocess="serve",
        mode="http",
        upstream_url="http://127.0.0.1:5000",
        PORT="5000",
    ),
}
"""What each kind of image says of running it."""


def make_function_images(target: Path, names: Mapping[str, str]) -> None:
    """Write to the archive `target` an image of each kind in `names`, with the name it is given."""
    layer = make_layer(_rootfs(target.with_suffix(".bin")))
    images: Sequence[SavedImage] = [
        SavedImage(name=name, layer=layer, config=CONFIGS[kind]) for kind, name in names.items()
    ]
    write_archive(target, images)


def _rootfs(scratch: Path) -> Rootfs:
    busybox = shutil.which("busybox")
    assert busybox, "needs busybox: apt-get install busybox-static"
    programs = {
        "bin/busybox": Path(busybox).read_bytes(),
        "bin/fwatchdog": compile_program(WATCHDOG, scratch),
        "bin/serve": compile_program(SOURCE, scratch),
        "bin/static": compile_program(STATIC, scratch),
        **SCRIPTS,
    }
    links = {f"bin/{tool}": "busybox" for tool in TOOLS}
    return Rootfs(programs=programs, links={**links, "bin/of-watchdog": "fwatchdog"})
