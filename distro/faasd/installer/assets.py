"""The files that come with the package."""

from importlib.resources import files


def read_asset(name: str) -> str:
    """Return the text of ``faasd/assets/NAME``."""
    return files("faasd").joinpath("assets", *name.split("/")).read_text()
