"""A plan of an image for tests that need no root of Debian."""

from dataclasses import replace
from pathlib import Path

from pi.emulation import ARCHITECTURES
from pi.plan import Plan

EPOCH = 1_700_000_000


def make_plan(work: Path, architecture: str = "arm64") -> Plan:
    """Return the plan of an image that is worked on in `work`."""
    work.mkdir(parents=True, exist_ok=True)
    return Plan(
        architecture=ARCHITECTURES[architecture],
        firmware=False,
        sources=(),
        out=work / "out",
        cache=work / "cache",
        work=work,
        epoch=EPOCH,
        version="1.2.3",
        boot_size=40 << 20,
        spare=8 << 20,
        log=work / "log",
    )


def with_firmware(plan: Plan) -> Plan:
    """Return the plan of an image for a real Pi."""
    return replace(plan, firmware=True)
