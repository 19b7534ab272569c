"""The files that come with the `cloud` commands: `cloud-init/` and `terraform/`."""

import shutil
from pathlib import Path

from faasd.base.errors import NotFound

PACKAGED = Path(__file__).parent / "share"
CHECKOUT = Path(__file__).parents[3]
TEMPLATE = Path("cloud-init", "cloud-config.tftpl")
_TREES = ("cloud-init", "terraform")
_OF_A_RUN = shutil.ignore_patterns(
    ".terraform", "*.tfstate", "*.tfstate.*", "*.tfplan", "*_override.tf", "*.auto.tfvars*"
)


def find_trees() -> Path:
    """Return the directory that holds both: in the package, or the checkout it runs from.

    Raises:
        NotFound: neither has them.
    """
    for top in (PACKAGED, CHECKOUT):
        if (top / TEMPLATE).is_file():
            return top
    raise NotFound(
        f"{TEMPLATE} is neither in {PACKAGED} nor in {CHECKOUT}: install faasd from a checkout"
    )


def read_template() -> str:
    """Return the user-data's template."""
    return (find_trees() / TEMPLATE).read_text()


def copy_trees(target: Path) -> None:
    """Copy both into a directory; what runs of Terraform left there stays."""
    for name in _TREES:
        shutil.copytree(find_trees() / name, target / name, ignore=_OF_A_RUN, dirs_exist_ok=True)
