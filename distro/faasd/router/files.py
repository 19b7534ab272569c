"""The files HAProxy starts from, always saying what it has been told."""

import contextlib
from pathlib import Path

from faasd.router.config import render_config, render_map
from faasd.router.layout import Layout
from faasd.router.settings import RouterSettings


def write_files(settings: RouterSettings, layout: Layout) -> None:
    """Write configuration and map where they differ, each at once or not at all.

    The map comes first: it may name backends that only the configuration to come declares.

    Raises:
        OSError: the directory is missing, full or not writable.
    """
    _write(settings.map_file, render_map(layout))
    _write(settings.config_file, render_config(settings, layout))


def _write(path: Path, text: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == text.encode():
            return
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    new.replace(path)
