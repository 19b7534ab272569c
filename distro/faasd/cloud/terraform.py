"""Terraform by python-terraform 0.10.1, the only module that knows it.

That version is older than Terraform 1: `docs/cloud.md` lists what of it does not work with today's.
`tests/terraform/test_python_terraform.py` holds each call that is used here to Terraform.
"""

import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from faasd.base.errors import FaasdError, Unavailable

if TYPE_CHECKING:
    from python_terraform import Terraform as Wrapped

PLAN = "faasd.tfplan"
_CHANGES = 2
_TAIL = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A value that the configuration gives."""

    value: str
    sensitive: bool


class Terraform:
    """Terraform in one directory. What it says on its way goes to this process's output."""

    def __init__(self, directory: Path) -> None:
        self._wrapped = _open(directory)

    def init(self) -> None:
        """Fetch providers and modules; quiet unless it fails.

        Raises:
            Unavailable: it failed.
        """
        self._quietly("init", no_color=_flag(), input=False)

    def plan(self) -> bool:
        """Show what would change, keep that as the plan, and tell whether it is anything.

        Raises:
            Unavailable: it failed.
        """
        status = self._aloud("plan", input=False, out=PLAN, detailed_exitcode=_flag())
        if status not in (0, _CHANGES):
            raise Unavailable("terraform could not plan: the reason is above")
        return status == _CHANGES

    def apply(self) -> None:
        """Do what the plan says.

        Raises:
            Unavailable: it failed; what was made is in the state.
        """
        if self._aloud("apply", PLAN, input=False):
            raise Unavailable(
                "terraform could not finish: the reason is above. What it made is remembered: "
                "run the same command again, or faasd cloud destroy"
            )

    def destroy(self) -> None:
        """Remove everything in the state.

        Raises:
            Unavailable: it failed.
        """
        if self._aloud("destroy", input=False, auto_approve=_flag()):
            raise Unavailable("terraform could not destroy it all: the reason is above")

    def outputs(self) -> Mapping[str, Output]:
        """Return what the last apply gave; nothing where there was none.

        Raises:
            Unavailable: it failed.
        """
        with _quiet_warnings():
            found = self._wrapped.output()
        if found is None:
            raise Unavailable("terraform could not read its state: try `terraform output` there")
        values = cast("Mapping[str, Mapping[str, object]]", found)
        return {
            name: Output(value=str(one["value"]), sensitive=bool(one["sensitive"]))
            for name, one in values.items()
        }

    def _quietly(self, command: str, **options: object) -> str:
        with _quiet_warnings():
            status, out, err = self._wrapped.cmd(command, **options)
        if status:
            said = " ".join((err or out).replace("│", " ").split())[-_TAIL:]
            raise Unavailable(f"terraform {command} failed: {said}")
        return str(out)

    def _aloud(self, command: str, *arguments: str, **options: object) -> int:
        sys.stdout.flush()
        if not sys.stdout.isatty():
            options["no_color"] = _flag()
        with _quiet_warnings():
            status = self._wrapped.cmd(command, *arguments, capture_output=False, **options)[0]
        return int(status)


def _open(directory: Path) -> "Wrapped":
    try:
        from python_terraform import Terraform as Wrapped
    except ImportError:
        raise FaasdError("`faasd cloud` needs its extra: pip install 'faasd[cloud]'") from None
    # It reads the state's file in its constructor, and gives no error for a missing program.
    return Wrapped(working_dir=str(directory))


def _flag() -> object:
    from python_terraform import IsFlagged

    return IsFlagged


def _quiet_warnings() -> "warnings.catch_warnings[None]":
    # It calls Logger.warn, which Python is about to drop, for each status but 0.
    return warnings.catch_warnings(action="ignore", category=DeprecationWarning)
