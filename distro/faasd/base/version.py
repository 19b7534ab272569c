"""Which build this is."""

from importlib.resources import files

VERSION = "0.1.0"
"""The same as in pyproject.toml and debian/changelog; a test holds them together."""


def find_commit() -> str:
    """Return the git commit that the package was built from, or an empty string."""
    file = files("faasd").joinpath("assets", "commit")
    return file.read_text().strip() if file.is_file() else ""
